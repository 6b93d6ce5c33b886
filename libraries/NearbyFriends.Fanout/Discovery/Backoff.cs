using NearbyFriends.Core;

namespace NearbyFriends.Fanout.Discovery;

/// <summary>Exponential pauses with jitter in the upper half of each, so that processes do not all retry at the same time.</summary>
/// <remarks>A watch retries for as long as the process lives and resets on each event, which is no pipeline around one call (Polly).</remarks>
internal sealed class Backoff(TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    private int _failures;

    /// <summary>Whether nothing has failed since the last success.</summary>
    public bool IsFirst => _failures == 0;

    public void Reset() => _failures = 0;

    public Task WaitAsync(CancellationToken cancellationToken) =>
        Task.Delay(ExponentialBackoff.UpperHalf(First, Longest, _failures++, Random.Shared.NextDouble()), clock, cancellationToken);
}
