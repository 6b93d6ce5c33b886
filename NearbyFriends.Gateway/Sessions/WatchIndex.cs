using NearbyFriends.Core.Fanout;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Who of this gateway's sessions watches a user: one look-up per entry of a frame, without a lock.
/// </summary>
/// <remarks>
/// Most of the users a gateway watches are friends of one session who are not even connected: with 400 friends a
/// session they decide the memory. Such a user costs one 24-byte entry of a hash table with chained buckets (plus 4
/// bytes of bucket) that names the session and its number for the friend; a <see cref="FriendLocation"/> is made for the
/// second watcher, or when the user is heard of. Entries lie in chunks, so that the table grows without a copy of itself.
/// The table is split into shards by the user's hash. Writers of a shard hold its lock and make its sequence odd
/// meanwhile; a reader walks the chain and tries again if the sequence moved. Watchers come and go with connections,
/// look-ups come with every update, so readers almost never try twice.
/// A handle names an entry until its last watcher leaves.
/// </remarks>
public sealed class WatchIndex
{
    private const int ShardBits = 6;
    private const int IndexBits = 32 - ShardBits;
    private const int IndexMask = (1 << IndexBits) - 1;

    private readonly Shard[] _shards = Enumerable.Range(0, 1 << ShardBits).Select(_ => new Shard()).ToArray();

    /// <summary>Users with at least one watcher.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>Adds a watcher; returns the handle of the watched user.</summary>
    public int Watch(long userId, Session session, int friend)
    {
        var hash = StableHash.Of(userId);
        return (ShardOf(hash) << IndexBits) | _shards[ShardOf(hash)].Watch(userId, (uint)hash, new Watcher(session, friend));
    }

    /// <summary>Takes a watcher back; the handle may name another user afterwards.</summary>
    public void Unwatch(int handle, Session session, int friend) =>
        _shards[(uint)handle >> IndexBits].Unwatch(handle & IndexMask, new Watcher(session, friend));

    /// <summary>The watched user behind a handle.</summary>
    public long UserOf(int handle) => _shards[(uint)handle >> IndexBits].At(handle & IndexMask).UserId;

    /// <summary>The location of the user behind a handle; null when the user was not heard of.</summary>
    public FriendLocation? LocationOf(int handle) => _shards[(uint)handle >> IndexBits].At(handle & IndexMask).Watched as FriendLocation;

    /// <summary>The location of a user, and with it the watchers; null when nobody watches the user.</summary>
    public FriendLocation? Find(long userId)
    {
        var hash = StableHash.Of(userId);
        return _shards[ShardOf(hash)].Find(userId, (uint)hash);
    }

    /// <summary>The location of a user; null when nobody watches the user, or the user was not heard of.</summary>
    public FriendLocation? FindHeardOf(long userId)
    {
        var hash = StableHash.Of(userId);
        return _shards[ShardOf(hash)].FindHeardOf(userId, (uint)hash);
    }

    private static int ShardOf(ulong hash) => (int)(hash >> (64 - ShardBits));

    private struct Entry
    {
        public long UserId;

        /// <summary>The only watcher's <see cref="Session"/>, or a <see cref="FriendLocation"/> that knows its watchers.</summary>
        public object? Watched;

        /// <summary>The only watcher's friend number.</summary>
        public int Friend;

        /// <summary>Next entry of the bucket's chain or of the free list, plus one.</summary>
        public int Next;
    }

    private sealed class Shard
    {
        private const int ChunkBits = 10; // 24 KiB
        private const int ChunkMask = (1 << ChunkBits) - 1;

        private readonly Lock _gate = new();
        private Entry[][] _chunks = [];
        private int[] _buckets = new int[16]; // a power of two, and at least three quarters of the entries
        private int _sequence;
        private int _used;
        private int _free;

        public int Count { get; private set; }

        public ref Entry At(int index) => ref Volatile.Read(ref _chunks)[index >> ChunkBits][index & ChunkMask];

        public FriendLocation? Find(long userId, uint hash)
        {
            var sequence = Volatile.Read(ref _sequence);
            if ((sequence & 1) == 0)
            {
                var index = IndexOf(userId, hash, sequence);
                var found = index < 0 ? null : At(index).Watched;
                Volatile.ReadBarrier();
                if (sequence == _sequence && (found is null || found is FriendLocation))
                {
                    return (FriendLocation?)found;
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
                return index < 0 ? null : At(index).Watched as FriendLocation;
            }
        }

        public int Watch(long userId, uint hash, Watcher watcher)
        {
            lock (_gate)
            {
                var index = IndexOf(userId, hash, _sequence);
                if (index < 0)
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
                if (At(index).Watched is FriendLocation location)
                {
                    location.Watchers = Array.FindAll(location.Watchers, other => other != watcher);
                    if (location.Watchers.Length > 0)
                    {
                        return;
                    }
                }

                Remove(index);
            }
        }

        /// <summary>The entry of a user, or -1. Readers pass the sequence at which they began: past it a chain may lead anywhere.</summary>
        private int IndexOf(long userId, uint hash, int sequence)
        {
            var buckets = Volatile.Read(ref _buckets);
            var index = buckets[hash & (uint)(buckets.Length - 1)] - 1;
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

        /// <summary>What is known of the user of an entry, made if it is not there. Under the lock.</summary>
        private FriendLocation LocationAt(int index)
        {
            ref var entry = ref At(index);
            if (entry.Watched is FriendLocation location)
            {
                return location;
            }

            location = new FriendLocation(entry.UserId) { Watchers = [new Watcher((Session)entry.Watched!, entry.Friend)] };
            Volatile.Write(ref entry.Watched, location);
            return location;
        }

        private int Add(long userId, uint hash, Watcher watcher)
        {
            BeginChange();
            if (Count >= _buckets.Length + (_buckets.Length / 3))
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
            At(index) = new Entry { UserId = userId, Watched = watcher.Session, Friend = watcher.Friend, Next = bucket };
            Volatile.Write(ref bucket, index + 1); // not before its chunk
            Count++;
            EndChange();
            return index;
        }

        private void Remove(int index)
        {
            BeginChange();
            ref var link = ref _buckets[(uint)StableHash.Of(At(index).UserId) & (uint)(_buckets.Length - 1)];
            while (link != index + 1)
            {
                link = ref At(link - 1).Next;
            }

            link = At(index).Next;
            At(index) = new Entry { Next = _free };
            _free = index + 1;
            Count--;
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
    }
}

/// <summary>A session that watches a user, and the number under which it keeps that friend.</summary>
/// <param name="Session">The session.</param>
/// <param name="Friend">Its friend number; <see cref="Session.Self"/> for the session's own user.</param>
public readonly record struct Watcher(Session Session, int Friend);
