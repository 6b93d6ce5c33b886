namespace NearbyFriends.Core;

/// <summary>The clock in the units that the system counts in.</summary>
public static class UnixTime
{
    /// <summary>Unix milliseconds UTC, now.</summary>
    public static long UnixMilliseconds(this TimeProvider clock) => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Milliseconds since some moment before the process started; unlike the wall clock it never steps. For pauses, paces and timeouts.
    /// </summary>
    public static long MonotonicMilliseconds(this TimeProvider clock) => (long)(clock.GetTimestamp() * (1_000.0 / clock.TimestampFrequency));

    /// <summary>Unix microseconds UTC, now.</summary>
    public static long UnixMicroseconds(this TimeProvider clock) =>
        (clock.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
