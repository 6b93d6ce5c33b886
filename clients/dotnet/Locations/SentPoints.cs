namespace NearbyFriends.Client.Locations;

/// <summary>
/// Locations that went out on this connection and may not have arrived, oldest first. Gateways do not confirm them one by one, and a
/// network can swallow messages for more than a minute before the connection counts as dead. So each is kept until the gateway is heard well
/// after it was sent. One that is sent again although it had arrived does no harm: gateways show the newest, and the history keeps two
/// of the same time once. The caller synchronizes.
/// </summary>
/// <param name="clock">Its timestamps count, not its time of day: a clock that is corrected confirms nothing.</param>
internal sealed class SentPoints(TimeProvider clock)
{
    /// <summary>On screen 75 s of a mover, which is longer than a dead connection goes unnoticed.</summary>
    private const int Capacity = 75;

    /// <summary>Longer than a message is under way.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(5);

    private readonly Queue<(Location Point, long SentAt)> _points = [];

    /// <summary>A point that goes out now.</summary>
    public void Add(in Location point)
    {
        if (_points.Count == Capacity)
        {
            _points.Dequeue();
        }

        _points.Enqueue((point, clock.GetTimestamp()));
    }

    /// <summary>The gateway said something.</summary>
    public void Heard()
    {
        while (_points.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.SentAt) >= UnderWay)
        {
            _points.Dequeue();
        }
    }

    /// <summary>All of them, which are kept no longer.</summary>
    public IReadOnlyList<Location> Take()
    {
        Location[] points = [.. _points.Select(sent => sent.Point)];
        _points.Clear();
        return points;
    }
}
