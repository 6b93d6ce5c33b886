namespace NearbyFriends.Client.Locations;

/// <summary>
/// Locations that went out on this connection and may not have arrived, oldest first. Gateways do not confirm them one by one, and a
/// network can swallow messages for most of a minute before the connection counts as dead. So each is kept until the gateway is heard well
/// after it was sent. One that is sent again although it had arrived does no harm: gateways show the newest, and the history keeps two
/// of the same time once. The caller synchronizes.
/// </summary>
internal sealed class SentPoints
{
    /// <summary>On screen a minute of a mover, which is longer than a dead connection goes unnoticed.</summary>
    private const int Capacity = 60;

    /// <summary>Longer than a message is under way.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(5);

    private readonly Queue<(Location Point, DateTimeOffset SentAt)> _points = [];

    public void Add(in Location point, DateTimeOffset now)
    {
        if (_points.Count == Capacity)
        {
            _points.Dequeue();
        }

        _points.Enqueue((point, now));
    }

    /// <summary>The gateway said something at this time.</summary>
    public void Heard(DateTimeOffset at)
    {
        while (_points.TryPeek(out var oldest) && oldest.SentAt <= at - UnderWay)
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
