using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.Simulator.Drawing;

/// <summary>A point on the drawing board: metres east and north of the city's centre.</summary>
/// <param name="X">Metres east.</param>
/// <param name="Y">Metres north.</param>
internal readonly record struct Flat(double X, double Y)
{
    /// <summary>The middle of the drawing board.</summary>
    private static readonly Spot s_centre = new(37.77, -122.43);

    public double Length => Math.Sqrt((X * X) + (Y * Y));

    public static Flat operator +(Flat a, Flat b) => new(a.X + b.X, a.Y + b.Y);

    public static Flat operator -(Flat a, Flat b) => new(a.X - b.X, a.Y - b.Y);

    public static Flat operator *(Flat a, double by) => new(a.X * by, a.Y * by);

    public static Flat Of(Spot spot)
    {
        var (east, north) = s_centre.To(spot);
        return new(east, north);
    }

    /// <summary>The length of one, this many degrees clockwise from north.</summary>
    public static Flat Towards(double bearing)
    {
        var (sin, cos) = Math.SinCos(double.DegreesToRadians(bearing));
        return new(sin, cos);
    }

    public double Dot(Flat other) => (X * other.X) + (Y * other.Y);

    public double Cross(Flat other) => (X * other.Y) - (Y * other.X);

    public Spot ToSpot() => s_centre.Offset(X, Y);
}

/// <summary>A straight piece of road.</summary>
internal readonly record struct Piece(Flat From, Flat To, RoadClass Class, string? Name)
{
    public Flat Along => To - From;

    /// <summary>How far along each of the two pieces they cross, 0 to 1; null when they do not.</summary>
    public (double Here, double There)? Crossing(in Piece other)
    {
        const double Touch = 1e-6;
        var across = Along.Cross(other.Along);
        if (Math.Abs(across) < Along.Length * other.Along.Length * 0.02)
        {
            return null; // near enough parallel
        }

        var between = other.From - From;
        var (here, there) = (between.Cross(other.Along) / across, between.Cross(Along) / across);
        return here is >= -Touch and <= 1 + Touch && there is >= -Touch and <= 1 + Touch ? (here, there) : null;
    }
}
