namespace NearbyFriends.Core.Geo;

/// <summary>
/// Squares of one size that cover the Earth. To snap a location to its square's centre is to say no more of it than the square,
/// however often and from wherever somebody asks.
/// </summary>
/// <remarks>
/// The Earth is cut into rows of equal height, and each row into as many equal columns as fit at its edge next to the pole: no
/// square is lower or narrower than the size, and away from the poles none is larger by more than a thousandth. A pole has one round square.
/// Snapping is a function of the place alone. Noise that is drawn anew for each answer would be averaged away by who asks often.
/// </remarks>
/// <param name="metres">Side of a square; 1 to 100,000.</param>
public sealed class SquareGrid(double metres)
{
    private const double Circumference = 2 * Math.PI * GreatCircle.EarthRadiusMetres;

    private readonly int _rows = (int)(Circumference / 2 / metres);

    /// <summary>The centre of the location's square, at the location's time.</summary>
    public Location Snap(in Location location)
    {
        var height = 180.0 / _rows;
        var row = Math.Min((int)((location.Latitude + 90) / height), _rows - 1);
        var south = (row * height) - 90;
        var polewards = Math.Max(Math.Abs(south), Math.Abs(south + height));
        var columns = Math.Max(1, (int)(Circumference * Math.Cos(polewards * (Math.PI / 180)) / metres));
        var width = 360.0 / columns;
        var column = (int)((location.Longitude + 180) / width) % columns; // 180 degrees east is 180 degrees west
        return Location.FromDegrees(south + (height / 2), ((column + 0.5) * width) - 180, location.Time);
    }
}
