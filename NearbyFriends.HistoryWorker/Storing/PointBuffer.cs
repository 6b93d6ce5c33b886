using NearbyFriends.History;


namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>Points that are stored together. It grows as needed and keeps its memory when it is cleared.</summary>
public sealed class PointBuffer
{
    private const long MillisecondsPerDay = 86_400_000;

    private HistoryPoint[] _points = [];

    public int Count { get; private set; }

    public ReadOnlyMemory<HistoryPoint> Points => _points.AsMemory(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Room for at least <paramref name="count"/> more points, which count after <see cref="Advance"/>.</summary>
    public Span<HistoryPoint> Room(int count)
    {
        if (_points.Length - Count < count)
        {
            Array.Resize(ref _points, Math.Max(Count + count, _points.Length * 2));
        }

        return _points.AsSpan(Count);
    }

    /// <summary>Adds the first <paramref name="count"/> points that were written into <see cref="Room"/>.</summary>
    public void Advance(int count) => Count += count;

    /// <summary>Lowers every time of receipt that is later than <paramref name="time"/> (Unix milliseconds) to it.</summary>
    /// <param name="time">The latest time at which the points can have been received.</param>
    /// <param name="first">The index of the first point to change.</param>
    public void ReceivedBy(long time, int first = 0)
    {
        foreach (ref var point in _points.AsSpan(first, Count - first))
        {
            if (point.ReceivedAt > time)
            {
                point = point with { ReceivedAt = time };
            }
        }
    }

    public void Add(in HistoryPoint point)
    {
        Room(1)[0] = point;
        Advance(1);
    }

    /// <summary>
    /// Sorts by day, user, time, the order of partitions and of their primary keys, and removes what has the same user
    /// and time as another, of which the first received stays. Neighbouring rows then go to the same pages of the
    /// index, and transactions that write the same rows do so in the same order, which avoids deadlocks.
    /// </summary>
    public void SortAndRemoveDuplicates()
    {
        var points = _points.AsSpan(0, Count);
        if (IsOneDay(points))
        {
            points.Sort(default(ByUserAndTime));
        }
        else
        {
            points.Sort(default(ByDayUserAndTime));
        }

        var kept = 0;
        foreach (ref readonly var point in points)
        {
            if (kept == 0 || point.UserId != points[kept - 1].UserId || point.Location.Time != points[kept - 1].Location.Time)
            {
                points[kept++] = point;
            }
        }

        Count = kept;
    }

    /// <summary>Removes points, keeping the order of the others; answers how many were removed.</summary>
    public int RemoveWhere(Func<HistoryPoint, bool> remove)
    {
        var kept = 0;
        foreach (ref readonly var point in _points.AsSpan(0, Count))
        {
            if (!remove(point))
            {
                _points[kept++] = point;
            }
        }

        var removed = Count - kept;
        Count = kept;
        return removed;
    }

    /// <summary>Moves the points whose time is later than <paramref name="time"/> to <paramref name="others"/>.</summary>
    public void MoveLaterThan(long time, PointBuffer others)
    {
        var kept = 0;
        foreach (ref readonly var point in _points.AsSpan(0, Count))
        {
            if (point.Location.Time > time)
            {
                others.Add(point);
            }
            else
            {
                _points[kept++] = point;
            }
        }

        Count = kept;
    }

    /// <summary>The days of the points, each once; cheap when they are sorted.</summary>
    public IReadOnlyList<DateOnly> Days()
    {
        var days = new List<DateOnly>();
        var last = long.MinValue;
        foreach (ref readonly var point in _points.AsSpan(0, Count))
        {
            var day = point.Location.Time / MillisecondsPerDay;
            if (day != last)
            {
                last = day;
                days.Add(HistoryTime.DayOf(point.Location.Time));
            }
        }

        return days;
    }

    private static bool IsOneDay(ReadOnlySpan<HistoryPoint> points)
    {
        var (first, last) = (long.MaxValue, long.MinValue);
        foreach (ref readonly var point in points)
        {
            (first, last) = (Math.Min(first, point.Location.Time), Math.Max(last, point.Location.Time));
        }

        return first / MillisecondsPerDay == last / MillisecondsPerDay;
    }

    // The usual case, without a division per comparison.
    private readonly struct ByUserAndTime : IComparer<HistoryPoint>
    {
        public int Compare(HistoryPoint x, HistoryPoint y)
        {
            if (x.UserId != y.UserId)
            {
                return x.UserId < y.UserId ? -1 : 1;
            }

            var byTime = x.Location.Time.CompareTo(y.Location.Time);
            return byTime != 0 ? byTime : x.ReceivedAt.CompareTo(y.ReceivedAt);
        }
    }

    private readonly struct ByDayUserAndTime : IComparer<HistoryPoint>
    {
        public int Compare(HistoryPoint x, HistoryPoint y)
        {
            var byDay = (x.Location.Time / MillisecondsPerDay).CompareTo(y.Location.Time / MillisecondsPerDay);
            return byDay != 0 ? byDay : default(ByUserAndTime).Compare(x, y);
        }
    }
}
