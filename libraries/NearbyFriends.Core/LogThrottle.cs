namespace NearbyFriends.Core;

/// <summary>
/// Limits the log of one kind of failure to a line a minute: while a server is unavailable, what fails for each user, session or message
/// is counted, not told one by one.
/// </summary>
/// <param name="clock">The time.</param>
public sealed class LogThrottle(TimeProvider clock)
{
    /// <summary>The shortest time between two lines.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _loggedAt;
    private int _failures;

    /// <summary>
    /// Counts a failure. How many there were since the last line, this one included, if it is time for another line; 0 if not. The
    /// first is told at once.
    /// </summary>
    public int Add()
    {
        lock (_gate)
        {
            _failures++;
            if (_loggedAt is { } loggedAt && clock.GetElapsedTime(loggedAt) < Every)
            {
                return 0;
            }

            _loggedAt = clock.GetTimestamp();
            var failures = _failures;
            _failures = 0;
            return failures;
        }
    }
}
