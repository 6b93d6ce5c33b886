namespace NearbyFriends.Gateway.Consent;

/// <summary>
/// Notices that this process stood still, because its machine or its container was frozen, say. What it is about to push then may be
/// of people who hid meanwhile, so nothing is pushed until the journal was read again.
/// </summary>
/// <remarks>
/// Whatever pushes asks <see cref="IsOver"/>, which is false from the first moment after a standstill on, whichever
/// thread wakes up first. Two reads in a row that fail end it too: the first may have met a
/// connection that broke meanwhile, and while the database is unavailable, pushes continue.
/// </remarks>
public sealed class Standstill(TimeProvider clock)
{
    private long _tickedAt = clock.GetTimestamp();
    private int _count;
    private int _settled;
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// The shortest standstill that counts. Default 5 s: who hides is gone from lists within 15 s, 10 of which are the journal's.
    /// </summary>
    public TimeSpan Shortest { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many there were.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether the journal was read since the last one.</summary>
    public bool IsOver => clock.GetElapsedTime(Volatile.Read(ref _tickedAt)) < Shortest && Volatile.Read(ref _settled) == Count;

    /// <summary>This process runs. One timer calls it, much more often than <see cref="Shortest"/>.</summary>
    public void Tick()
    {
        if (clock.GetElapsedTime(_tickedAt) >= Shortest)
        {
            Interlocked.Increment(ref _count); // before the tick, so that IsOver stays false
            Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }

        Volatile.Write(ref _tickedAt, clock.GetTimestamp());
    }

    /// <summary>A read of the journal has ended that began after so many.</summary>
    public void Settle(int count) => Volatile.Write(ref _settled, count);

    /// <summary>Waits until one is noticed that the journal was not read since, but not longer than <paramref name="longest"/>; never throws.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _settled) != Count)
        {
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_next.Task, Task.Delay(longest, clock, end.Token));
        await end.CancelAsync();
    }
}
