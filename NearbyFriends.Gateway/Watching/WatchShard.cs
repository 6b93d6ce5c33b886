using NearbyFriends.Core;


namespace NearbyFriends.Gateway.Watching;

/// <summary>A part of the <see cref="WatchIndex"/>: its table, its lock, its sequence.</summary>
internal sealed class WatchShard(SessionNumbers sessions)
{
    private const int ChunkBits = 10; // 16 KiB
    private const int ChunkMask = (1 << ChunkBits) - 1;

    /// <summary>Entries that a user who was not heard of may have, one for each watcher: together they are smaller than a location.</summary>
    private const int MaxEntries = 4;

    private readonly Lock _gate = new();
    private readonly Stack<int> _freeLocations = [];
    private Entry[][] _chunks = [];
    private int[] _buckets = new int[16]; // a power of two, and at least three quarters of the entries
    private FriendLocation?[] _locations = new FriendLocation?[16];
    private int _locationCount;
    private int _sequence;
    private int _entries;
    private int _used;
    private int _free;

    /// <summary>Users with an entry.</summary>
    public int Count { get; private set; }

    public long UserOf(int index) => At(index).UserId;

    public FriendLocation? LocationOf(int index)
    {
        var who = At(index).Read();
        return who.IsLocation ? Volatile.Read(ref _locations)[who.Location] : null;
    }

    public FriendLocation? Find(long userId, uint hash)
    {
        var sequence = Volatile.Read(ref _sequence);
        if ((sequence & 1) == 0)
        {
            var index = IndexOf(userId, hash, sequence);
            var found = index < 0 ? null : LocationOf(index);
            Volatile.ReadBarrier();
            if (sequence == _sequence && (index < 0 || found is not null))
            {
                return found;
            }
        }

        lock (_gate)
        {
            var index = IndexOf(userId, hash, _sequence);
            return index < 0 ? null : LocationAt(index);
        }
    }

    public FriendLocation? FindHeardOf(long userId, uint hash)
    {
        lock (_gate)
        {
            var index = IndexOf(userId, hash, _sequence);
            return index < 0 ? null : LocationOf(index);
        }
    }

    public int Watch(long userId, uint hash, Watcher watcher)
    {
        lock (_gate)
        {
            var index = IndexOf(userId, hash, _sequence);
            if (index < 0)
            {
                Count++;
                return Add(userId, hash, watcher);
            }

            if (!At(index).Read().IsLocation && EntriesFrom(index).Count() < MaxEntries && Who.TryName(watcher, out _))
            {
                return Add(userId, hash, watcher);
            }

            var location = LocationAt(index);
            location.Watchers = [.. location.Watchers, watcher];
            return index;
        }
    }

    public void Unwatch(int index, Watcher watcher)
    {
        lock (_gate)
        {
            var userId = At(index).UserId;
            var hash = (uint)StableHash.Of(userId);
            var who = At(index).Read();
            if (!who.IsLocation)
            {
                Remove(index, hash);
                if (IndexOf(userId, hash, _sequence) < 0)
                {
                    Count--;
                }

                return;
            }

            var location = _locations[who.Location]!;
            location.Watchers = Array.FindAll(location.Watchers, other => other != watcher);
            if (location.Watchers.Length > 0)
            {
                return;
            }

            _locations[who.Location] = null;
            _freeLocations.Push(who.Location);
            for (var next = index; next >= 0; next = IndexOf(userId, hash, _sequence))
            {
                Remove(next, hash);
            }

            Count--;
        }
    }

    private ref Entry At(int index) => ref Volatile.Read(ref _chunks)[index >> ChunkBits][index & ChunkMask];

    /// <summary>The first entry of a user, or -1. Readers pass the sequence at which they began: past it a chain may lead anywhere.</summary>
    private int IndexOf(long userId, uint hash, int sequence)
    {
        var buckets = Volatile.Read(ref _buckets);
        return Seek(userId, buckets[hash & (uint)(buckets.Length - 1)] - 1, sequence);
    }

    /// <summary>The first entry of a user in a chain from <paramref name="index"/> on, or -1.</summary>
    private int Seek(long userId, int index, int sequence)
    {
        while (index >= 0 && sequence == Volatile.Read(ref _sequence))
        {
            ref var entry = ref At(index);
            if (entry.UserId == userId)
            {
                return index;
            }

            index = entry.Next - 1;
        }

        return -1;
    }

    /// <summary>The entries of a user, of which <paramref name="first"/> is the first. Under the lock.</summary>
    private IEnumerable<int> EntriesFrom(int first)
    {
        for (var index = first; index >= 0; index = Seek(At(first).UserId, At(index).Next - 1, _sequence))
        {
            yield return index;
        }
    }

    /// <summary>What is known of the user of an entry; made for all entries of the user if it is not there. Under the lock.</summary>
    private FriendLocation LocationAt(int index)
    {
        var who = At(index).Read();
        if (who.IsLocation)
        {
            return _locations[who.Location]!;
        }

        var userId = At(index).UserId;
        int[] entries = [.. EntriesFrom(IndexOf(userId, (uint)StableHash.Of(userId), _sequence))];
        var number = NewLocation(userId, Array.ConvertAll(entries, WatcherAt));
        foreach (var entry in entries)
        {
            At(entry).Write(Who.At(number)); // not before the location has all its watchers
        }

        return _locations[number]!;
    }

    private Watcher WatcherAt(int index)
    {
        var who = At(index).Read();
        return new Watcher(sessions[who.Session], who.Friend);
    }

    private int NewLocation(long userId, Watcher[] watchers)
    {
        var number = _freeLocations.TryPop(out var free) ? free : _locationCount++;
        if (number == _locations.Length)
        {
            var larger = new FriendLocation?[number * 2];
            _locations.CopyTo(larger, 0);
            Volatile.Write(ref _locations, larger);
        }

        _locations[number] = new FriendLocation(userId) { Watchers = watchers };
        return number;
    }

    private int Add(long userId, uint hash, Watcher watcher)
    {
        BeginChange();
        if (_entries >= _buckets.Length + (_buckets.Length / 3))
        {
            Rehash(_buckets.Length * 2);
        }

        var index = _free - 1;
        if (index >= 0)
        {
            _free = At(index).Next;
        }
        else
        {
            index = _used++;
            if (index >> ChunkBits == _chunks.Length)
            {
                _chunks = [.. _chunks, new Entry[1 << ChunkBits]];
            }
        }

        ref var bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        ref var entry = ref At(index);
        entry = new Entry(userId, next: bucket);
        entry.Write(Who.TryName(watcher, out var who) ? who : Who.At(NewLocation(userId, [watcher])));
        Volatile.Write(ref bucket, index + 1); // not before its chunk
        _entries++;
        EndChange();
        return index;
    }

    private void Remove(int index, uint hash)
    {
        BeginChange();
        ref var entry = ref At(index);
        ref var bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        if (bucket == index + 1)
        {
            bucket = entry.Next;
        }
        else
        {
            ref var before = ref At(bucket - 1);
            while (before.Next != index + 1)
            {
                before = ref At(before.Next - 1);
            }

            before.Next = entry.Next;
        }

        entry = new Entry(userId: 0, next: _free);
        _free = index + 1;
        _entries--;
        EndChange();
    }

    private void Rehash(int size)
    {
        var buckets = new int[size];
        foreach (var head in _buckets)
        {
            for (var next = head; next > 0;)
            {
                var index = next - 1;
                ref var entry = ref At(index);
                next = entry.Next;
                ref var bucket = ref buckets[(uint)StableHash.Of(entry.UserId) & (uint)(size - 1)];
                entry.Next = bucket;
                bucket = index + 1;
            }
        }

        Volatile.Write(ref _buckets, buckets);
    }

    private void BeginChange() => Interlocked.Increment(ref _sequence);

    private void EndChange() => Interlocked.Increment(ref _sequence);

    /// <summary>A watched user. Who watches is read and written in one piece, so that no reader sees half of it.</summary>
    private struct Entry(long userId, int next)
    {
        public long UserId { get; } = userId;

        /// <summary>Next entry of the bucket's chain or of the free list, plus one.</summary>
        public int Next { get; set; } = next;

        private uint _who; // after the other four bytes, so that there are sixteen

        public Who Read() => new(Volatile.Read(ref _who));

        public void Write(Who who) => Volatile.Write(ref _who, who.Bits);
    }

    /// <summary>
    /// A watcher of a user, as session and friend number, or the number of a <see cref="FriendLocation"/> that knows its
    /// watchers: one bit that says which, 18 bits of session and 13 of friend, or 31 of location.
    /// </summary>
    private readonly record struct Who(uint Bits)
    {
        private const int FriendBits = 13;
        private const int SessionBits = 18;
        private const uint LocationBit = 1u << 31;

        public bool IsLocation => (Bits & LocationBit) != 0;

        public int Location => (int)(Bits & ~LocationBit);

        public int Session => (int)(Bits >> FriendBits);

        public int Friend => (int)(Bits & ((1 << FriendBits) - 1)) + Watcher.Self;

        public static Who At(int location) => new((uint)location | LocationBit);

        /// <summary>False for a session or a friend whose number has too many bits: the entry gets a location at once.</summary>
        public static bool TryName(Watcher watcher, out Who who)
        {
            var (session, friend) = (watcher.Session.Number, watcher.Friend - Watcher.Self);
            who = new(((uint)session << FriendBits) | (uint)friend);
            return session < 1 << SessionBits && friend < 1 << FriendBits;
        }
    }
}
