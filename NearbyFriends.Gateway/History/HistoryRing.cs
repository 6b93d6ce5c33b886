using NearbyFriends.History;

namespace NearbyFriends.Gateway.History;

/// <summary>
/// Points that wait for one stream: a first-in-first-out ring that grows up to its capacity and then overwrites the
/// oldest. Many threads append, one takes. Appending costs an uncontended lock and a copy of 40 bytes.
/// </summary>
public sealed class HistoryRing(int capacity)
{
    private const int SmallestLength = 512; // a power of two above HistoryBatch.MaxPoints

    private readonly Lock _lock = new();
    private HistoryPoint[] _points = new HistoryPoint[Math.Min(SmallestLength, capacity)];
    private int _first;
    private int _count;

    /// <summary>How many points wait; may be out of date when read without the lock, which suits a gauge.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a point; answers how many wait now, and whether the oldest had to go for it.</summary>
    public (int Waiting, bool DroppedOldest) Add(in HistoryPoint point)
    {
        lock (_lock)
        {
            var full = _count == capacity;
            if (full)
            {
                _first = Next(_first, 1);
                _count--;
            }
            else if (_count == _points.Length)
            {
                Resize(Math.Min(capacity, _points.Length * 2));
            }

            _points[Next(_first, _count)] = point;
            _count++;
            return (_count, full);
        }
    }

    /// <summary>Moves the oldest points into <paramref name="target"/>; answers how many.</summary>
    public int Take(Span<HistoryPoint> target)
    {
        lock (_lock)
        {
            var taken = Math.Min(target.Length, _count);
            CopyOut(target[..taken]);
            _first = Next(_first, taken);
            _count -= taken;
            if (_count == 0 && _points.Length > SmallestLength)
            {
                // An outage is over: its memory is not kept for the next one.
                _points = new HistoryPoint[Math.Min(SmallestLength, capacity)];
                _first = 0;
            }

            return taken;
        }
    }

    private int Next(int index, int steps) => (index + steps) % _points.Length;

    private void Resize(int length)
    {
        var larger = new HistoryPoint[length];
        CopyOut(larger.AsSpan(0, _count));
        _points = larger;
        _first = 0;
    }

    private void CopyOut(Span<HistoryPoint> target)
    {
        var untilEnd = Math.Min(target.Length, _points.Length - _first);
        _points.AsSpan(_first, untilEnd).CopyTo(target);
        _points.AsSpan(0, target.Length - untilEnd).CopyTo(target[untilEnd..]);
    }
}
