
namespace NearbyFriends.Core.Geo;

/// <summary>
/// Where a user was, and when. 16 bytes: coordinates are kept as multiples of 1e-7 degree (at most 1.1 cm), the same
/// everywhere (cache, frames, history), so that a location compares equal wherever it has been.
/// </summary>
/// <param name="LatitudeE7">Degrees WGS 84 times 10,000,000; -900,000,000 to 900,000,000.</param>
/// <param name="LongitudeE7">Degrees WGS 84 times 10,000,000; -1,800,000,000 to 1,800,000,000.</param>
/// <param name="Time">Unix milliseconds UTC at which the device was there.</param>
public readonly record struct Location(int LatitudeE7, int LongitudeE7, long Time)
{
    private const double Scale = 1e7;

    /// <summary>Degrees WGS 84.</summary>
    public double Latitude => LatitudeE7 / Scale;

    /// <summary>Degrees WGS 84.</summary>
    public double Longitude => LongitudeE7 / Scale;

    /// <summary>The position on the unit sphere; costs two sines and two cosines.</summary>
    public UnitVector Position => UnitVector.FromDegrees(Latitude, Longitude);

    /// <summary>Whether it is at the same coordinates, whenever that was.</summary>
    public bool IsSamePlaceAs(in Location other) => LatitudeE7 == other.LatitudeE7 && LongitudeE7 == other.LongitudeE7;

    /// <summary>From degrees and Unix milliseconds. The caller has checked them with <see cref="IsOnEarth"/>.</summary>
    public static Location FromDegrees(double latitude, double longitude, long time) =>
        new((int)Math.Round(latitude * Scale), (int)Math.Round(longitude * Scale), time);

    /// <summary>Whether the coordinates are ones that a place can have, as those read from elsewhere may not be.</summary>
    public bool IsPossible => LatitudeE7 is >= -900_000_000 and <= 900_000_000 && LongitudeE7 is >= -1_800_000_000 and <= 1_800_000_000;

    /// <summary>Whether these are finite degrees in -90..90 and -180..180.</summary>
    public static bool IsOnEarth(double latitude, double longitude) =>
        Math.Abs(latitude) <= 90 && Math.Abs(longitude) <= 180; // NaN compares false
}
