namespace NearbyFriends.Client.Locations;

/// <summary>
/// Locations gathered while there was no connection, in the order they came. Bounded: when full, the oldest gives way,
/// since the newest is the one that friends are shown.
/// </summary>
internal sealed class OfflinePoints(int capacity)
{
    /// <summary>What one <c>locations</c> message carries at most.</summary>
    public const int ChunkSize = 50;

    private readonly Lock _gate = new();
    private readonly Queue<Location> _points = new();

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
    /// Takes everything that is not older than <paramref name="oldest"/> (Unix milliseconds), in chunks that fit one
    /// message. The chunk with the newest points comes first: it decides where the list is centred, and what follows is
    /// older than that and goes to the history only.
    /// </summary>
    public IReadOnlyList<Location[]> Take(long oldest)
    {
        Location[] points;
        lock (_gate)
        {
            points = [.. _points.Where(point => point.Time >= oldest).OrderBy(point => point.Time)];
            _points.Clear();
        }

        var chunks = new List<Location[]>((points.Length / ChunkSize) + 1);
        for (var end = points.Length; end > 0; end -= ChunkSize)
        {
            chunks.Add(points[Math.Max(0, end - ChunkSize)..end]);
        }

        return chunks;
    }
}
