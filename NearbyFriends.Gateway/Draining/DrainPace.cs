namespace NearbyFriends.Gateway.Draining;

/// <summary>
/// At which rate sessions are sent elsewhere. They leave in batches, a tenth of a second apart or the time of one session; within
/// a batch each is told to connect again a little later than the one before, so that clients return as evenly as they leave.
/// </summary>
/// <remarks>
/// This bounds the moments at which clients begin to connect, not those at which they have a session again: a gateway that has just
/// started may keep its first clients waiting for half a second, and then open their sessions together
/// (docs/performance.md, <c>bench release</c>).
/// </remarks>
/// <param name="PerSecond">
/// Sessions a second, more than 0. No more leave within any second; as many begin to connect, give or take what their network and timers add.
/// </param>
public readonly record struct DrainPace(double PerSecond)
{
    private const double LongestBatchSeconds = 0.1;

    /// <summary>Sessions that leave together; 1 or more.</summary>
    public int BatchSize => Math.Max(1, (int)(PerSecond * LongestBatchSeconds));

    /// <summary>From one batch to the next.</summary>
    public TimeSpan BatchTime => TimeFor(BatchSize);

    /// <summary>What so many sessions take.</summary>
    public TimeSpan TimeFor(int sessions) => TimeSpan.FromSeconds(sessions / PerSecond);

    /// <summary>Milliseconds after which a session connects again; at least 1.</summary>
    /// <param name="position">Its place, from 0, among those that leave at one moment.</param>
    public long ReconnectAfterMs(int position) => 1 + (long)TimeFor(position).TotalMilliseconds;
}
