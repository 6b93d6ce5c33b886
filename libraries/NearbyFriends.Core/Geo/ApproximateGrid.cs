namespace NearbyFriends.Core.Geo;

/// <summary>
/// A grid of cells of about 1 km by 1 km: who is to be seen approximately is shown at the centre of the cell, at most some
/// 710 m away.
/// </summary>
/// <remarks>
/// Rows of latitude have one height; each row has its own width in degrees, so that cells stay square up to the poles. The same
/// cell has the same centre whoever looks, so several watchers together learn no more than one.
/// </remarks>
public static class ApproximateGrid
{
    private const int RowE7 = 90_000; // 0.009 degrees of latitude: 1,000.8 m
    private const int QuarterCircleE7 = 900_000_000;
    private const int HalfCircleE7 = 1_800_000_000;
    private const double E7 = 1e7;

    /// <summary>The location moved to the centre of its cell; the time stays.</summary>
    public static Location Snap(in Location location)
    {
        var latitude = Centre(location.LatitudeE7 + QuarterCircleE7, RowE7, 2 * QuarterCircleE7) - QuarterCircleE7;
        var width = (long)(RowE7 / Math.Cos(latitude / E7 * (Math.PI / 180)));
        var longitude = Centre((long)location.LongitudeE7 + HalfCircleE7, width, 2L * HalfCircleE7) - HalfCircleE7;
        return location with { LatitudeE7 = (int)latitude, LongitudeE7 = (int)longitude };
    }

    private static long Centre(long value, long cell, long end)
    {
        var begin = Math.Min(value, end - 1) / cell * cell;
        return (begin + Math.Min(begin + cell, end)) / 2; // the last cell of a row may be narrower
    }
}
