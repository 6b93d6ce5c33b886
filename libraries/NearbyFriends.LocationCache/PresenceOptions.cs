using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.LocationCache;

/// <summary>Configuration section <c>Presence</c>: when a friend counts as nearby.</summary>
public sealed record PresenceOptions
{
    public const string Section = "Presence";

    /// <summary>A friend whose last location is older than this disappears; 1 s to 24 h, default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Presence:InactiveAfter must lie between 00:00:01 and 1.00:00:00.")]
    public TimeSpan InactiveAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Radius of a session that chose none, in metres; 100 to <see cref="MaxRadiusMetres"/>, default 5 miles.</summary>
    [Range(100, 20_100_000, ErrorMessage = "Presence:RadiusMetres must lie between 100 and 20100000.")]
    public int RadiusMetres { get; init; } = 8_047;

    /// <summary>The largest radius that a client may choose, in metres; default 10 miles.</summary>
    [Range(100, 20_100_000, ErrorMessage = "Presence:MaxRadiusMetres must lie between 100 and 20100000.")]
    public int MaxRadiusMetres { get; init; } = 16_093;

    /// <summary>
    /// Metres a second that nobody exceeds; default 300, the speed of an airliner; 0 is no limit. A location that implies more is
    /// shown once the next one confirms it. Replays that run faster than life need 0.
    /// </summary>
    [Range(0, 1_000_000, ErrorMessage = "Presence:MaxSpeed must lie between 0 and 1000000.")]
    public double MaxSpeed { get; init; } = 300;

    /// <summary>Unix milliseconds from which on a location is shown no more: its user is inactive, or sharing has ended before.</summary>
    /// <param name="time">Of the location, Unix milliseconds.</param>
    /// <param name="sharingUntil">Unix milliseconds at which sharing ends; 0 for no end.</param>
    public long EndOf(long time, long sharingUntil)
    {
        var inactive = time + (long)InactiveAfter.TotalMilliseconds;
        return sharingUntil == 0 ? inactive : Math.Min(inactive, sharingUntil);
    }
}
