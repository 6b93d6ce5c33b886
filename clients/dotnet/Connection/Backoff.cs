namespace NearbyFriends.Client.Connection;

/// <summary>
/// Exponential backoff with jitter over the upper half of each step: clients that lost the same gateway come back
/// spread out, and none of them at once.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _failures;

    /// <summary>How many waits there were since the last <see cref="Reset"/>.</summary>
    public int Attempt => _failures;

    /// <summary>The next wait: between half of min(first x 2^n, longest) and all of it.</summary>
    public TimeSpan Next()
    {
        // 2^30 steps of any length are longer than any longest.
        var step = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 30)), longest.TotalMilliseconds);
        _failures++;
        return TimeSpan.FromMilliseconds(step * (0.5 + (0.5 * random.NextDouble())));
    }

    public void Reset() => _failures = 0;
}
