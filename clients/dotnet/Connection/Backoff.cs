namespace NearbyFriends.Client.Connection;

/// <summary>
/// Exponential backoff with full jitter: each wait is uniform between 0 and min(first x 2^n, longest), so that clients that lost the same
/// gateway come back spread over the whole step. (M. Brooker, "Exponential Backoff And Jitter", 2015.)
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _failures;

    /// <summary>How many waits there were since the last <see cref="Reset"/>.</summary>
    public int Attempt => _failures;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        // 2^30 steps of any length are longer than any longest.
        var step = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 30)), longest.TotalMilliseconds);
        _failures++;
        return TimeSpan.FromMilliseconds(step * random.NextDouble());
    }

    public void Reset() => _failures = 0;
}
