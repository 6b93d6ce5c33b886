namespace NearbyFriends.Client.Locations;

/// <summary>
/// Locations gathered while there was no connection, in the order they came. Bounded: when full, the oldest gives way,
/// since the newest is the one that friends are shown. A location leaves only when <see cref="Confirm"/> says that a
/// gateway has it: those of a connection that ended in between go out twice, and the history keeps them once.
/// </summary>
/// <param name="capacity">The most that are kept.</param>
/// <param name="bytesOf">How long a location is in a message.</param>
internal sealed class OfflinePoints(int capacity, Func<Location, int> bytesOf)
{
    /// <summary>What one <c>locations</c> message carries at most.</summary>
    public const int PointsPerMessage = 50;

    /// <summary>Bytes of the points of one message: with what surrounds them below 4,096, which gateways before 16 KiB took.</summary>
    public const int BytesPerMessage = 4_000;

    private readonly Lock _gate = new();
    private Queue<Location> _points = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _points.Count;
            }
        }
    }

    /// <summary>How many gave way.</summary>
    public long Dropped { get; private set; }

    public void Add(Location point)
    {
        lock (_gate)
        {
            if (capacity <= _points.Count)
            {
                Dropped++;
                if (!_points.TryDequeue(out _))
                {
                    return;
                }
            }

            _points.Enqueue(point);
        }
    }

    /// <summary>
    /// Everything that is not older than <paramref name="oldest"/> (Unix milliseconds), as the contents of messages. The newest
    /// points come first: they decide where the list is centred, and what follows is older than that and goes to the history only.
    /// </summary>
    public IReadOnlyList<Location[]> Messages(long oldest)
    {
        Location[] points;
        lock (_gate)
        {
            points = [.. _points.Where(point => point.Time >= oldest).OrderBy(point => point.Time)];
        }

        var messages = new List<Location[]>();
        for (var end = points.Length; end > 0;)
        {
            var start = StartOf(points, end);
            messages.Add(points[start..end]);
            end = start;
        }

        return messages;
    }

    /// <summary>A gateway has these.</summary>
    public void Confirm(IReadOnlySet<Location> points)
    {
        lock (_gate)
        {
            _points = new(_points.Where(point => !points.Contains(point)));
        }
    }

    /// <summary>Forgets all, as when one stops sharing.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _points.Clear();
        }
    }

    /// <summary>Where the message begins whose last point is the one before <paramref name="end"/>.</summary>
    private int StartOf(Location[] points, int end)
    {
        var bytes = 0;
        for (var start = end; start > 0; start--)
        {
            bytes += bytesOf(points[start - 1]);
            if (bytes > BytesPerMessage || end - start == PointsPerMessage)
            {
                return start;
            }
        }

        return 0;
    }
}
