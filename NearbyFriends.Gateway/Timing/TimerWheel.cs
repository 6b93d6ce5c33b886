namespace NearbyFriends.Gateway.Timing;

/// <summary>
/// Many deadlines, one timer: items wait in the slot of the tick at which they are due.
/// </summary>
/// <remarks>
/// Adding costs O(1), a tick costs the items that are due. What is due later than the wheel reaches comes around early
/// and is put back by who receives it. Source: Varghese, Lauck, Hashed and Hierarchical Timing Wheels, SOSP 1987
/// (scheme 5 without rounds). Times are those of a monotonic clock: by a wall clock that steps back, nothing would be due until
/// it has caught up.
/// </remarks>
public sealed class TimerWheel<T>
{
    private readonly List<T>[] _slots;
    private readonly Lock _gate = new();
    private long _current;
    private List<T> _spare = [];

    /// <param name="tickMilliseconds">Resolution.</param>
    /// <param name="slotCount">How many ticks ahead an item can wait.</param>
    /// <param name="now">Milliseconds of the monotonic clock.</param>
    public TimerWheel(long tickMilliseconds, int slotCount, long now)
    {
        TickMilliseconds = tickMilliseconds;
        _slots = Enumerable.Range(0, slotCount).Select(_ => new List<T>()).ToArray();
        _current = now / tickMilliseconds;
    }

    /// <summary>Resolution.</summary>
    public long TickMilliseconds { get; }

    /// <summary>Lets <paramref name="item"/> wait until <paramref name="dueAt"/> (milliseconds of the monotonic clock), or as far ahead as the wheel reaches.</summary>
    public void Add(T item, long dueAt)
    {
        var tick = (dueAt + TickMilliseconds - 1) / TickMilliseconds; // never early
        lock (_gate)
        {
            tick = Math.Clamp(tick, _current + 1, _current + _slots.Length - 1);
            _slots[tick % _slots.Length].Add(item);
        }
    }

    /// <summary>Hands over what is due at <paramref name="now"/> (milliseconds of the monotonic clock), slot by slot, outside the wheel's lock.</summary>
    public void Advance(long now, Action<T> due)
    {
        var until = now / TickMilliseconds;
        while (true)
        {
            List<T> items;
            lock (_gate)
            {
                if (_current >= until)
                {
                    return;
                }

                if (until - _current > _slots.Length)
                {
                    _current = until - _slots.Length; // the clock jumped: everything is due once
                }

                _current++;
                var slot = _current % _slots.Length;
                items = _slots[slot];
                _slots[slot] = _spare;
            }

            foreach (var item in items)
            {
                due(item);
            }

            items.Clear();
            _spare = items;
        }
    }
}
