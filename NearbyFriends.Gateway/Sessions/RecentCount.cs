namespace NearbyFriends.Gateway.Sessions;

/// <summary>Counts what happened within the last minute. For one session: not thread-safe.</summary>
public sealed class RecentCount(TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Queue<long> _times = [];

    /// <summary>It happened once more: how often it did within the last minute.</summary>
    public int Add()
    {
        var now = clock.GetTimestamp();
        _times.Enqueue(now);
        while (clock.GetElapsedTime(_times.Peek(), now) > Window)
        {
            _times.Dequeue();
        }

        return _times.Count;
    }
}
