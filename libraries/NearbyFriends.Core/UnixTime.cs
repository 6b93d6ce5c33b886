namespace NearbyFriends.Core;

/// <summary>The clock in the units that the system counts in.</summary>
public static class UnixTime
{
    /// <summary>9999-12-31T23:59:59.999Z in Unix milliseconds: the last instant of <see cref="DateTimeOffset"/>.</summary>
    public const long Last = 253_402_300_799_999;

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
