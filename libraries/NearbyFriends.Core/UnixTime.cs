namespace NearbyFriends.Core;

/// <summary>The clock in the units that the system counts in.</summary>
public static class UnixTime
{
    /// <summary>Unix milliseconds UTC, now.</summary>
    public static long UnixMilliseconds(this TimeProvider clock) => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Unix microseconds UTC, now.</summary>
    public static long UnixMicroseconds(this TimeProvider clock) =>
        (clock.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
