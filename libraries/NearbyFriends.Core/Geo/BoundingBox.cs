
namespace NearbyFriends.Core.Geo;

/// <summary>
/// All that lies within a distance of a place, and a little more: latitudes and longitudes as whole numbers, so that
/// "it is certainly farther" costs two subtractions and two comparisons.
/// </summary>
/// <remarks>
/// Right across the antimeridian; where the circle reaches a pole every longitude is inside.
/// Source: J. P. Matuschek, Finding Points Within a Distance of a Latitude/Longitude Using Bounding Coordinates (2010).
/// </remarks>
public readonly record struct BoundingBox
{
    private const uint FullCircleE7 = 3_600_000_000;
    private const int HalfCircleE7 = 1_800_000_000;
    private const int QuarterCircleE7 = 900_000_000;

    private readonly int _latitudeE7;
    private readonly int _longitudeE7;
    private readonly int _latitudeReachE7;
    private readonly uint _longitudeReachE7;

    private BoundingBox(int latitudeE7, int longitudeE7, int latitudeReachE7, uint longitudeReachE7) =>
        (_latitudeE7, _longitudeE7, _latitudeReachE7, _longitudeReachE7) = (latitudeE7, longitudeE7, latitudeReachE7, longitudeReachE7);

    /// <summary>Holds nothing.</summary>
    public static BoundingBox Empty { get; } = new(0, 0, -1, 0);

    /// <summary>Around <paramref name="centre"/>; half a millionth of a degree more than <paramref name="metres"/> on each side, for what rounding takes.</summary>
    public static BoundingBox Around(in Location centre, double metres)
    {
        var arc = metres / GreatCircle.EarthRadiusMetres;
        var reach = (long)ToE7(arc) + 5;
        var latitude = centre.Latitude * (Math.PI / 180);
        var reachesPole = Math.Abs(centre.LatitudeE7) + reach >= QuarterCircleE7;
        return new(
            centre.LatitudeE7,
            centre.LongitudeE7,
            (int)Math.Min(reach, 2 * QuarterCircleE7),
            reachesPole ? HalfCircleE7 : (uint)ToE7(Math.Asin(Math.Min(1, Math.Sin(arc) / Math.Cos(latitude)))) + 5);
    }

    /// <summary>False only for what is certainly farther than the distance.</summary>
    public bool MayContain(in Location location)
    {
        if (Math.Abs(location.LatitudeE7 - _latitudeE7) > _latitudeReachE7)
        {
            return false;
        }

        var apart = (uint)Math.Abs((long)location.LongitudeE7 - _longitudeE7);
        return Math.Min(apart, FullCircleE7 - apart) <= _longitudeReachE7;
    }

    private static double ToE7(double radians) => radians * (180 / Math.PI) * 1e7;
}
