using NearbyFriends.Core.Fanout;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Who of this gateway's sessions watches a user: one look-up per entry of a frame.
/// </summary>
/// <remarks>
/// Most of the users a gateway watches are friends of one session who are not even connected: with 400 friends a
/// session they decide the memory. A watched user therefore costs one 32-byte entry of a hash table with chained
/// buckets (plus 4 bytes of bucket); a single watcher is held in the entry itself, a list is made for the second one,
/// and a <see cref="FriendLocation"/> only for who was heard of. The table is split into shards by the user's hash, each
/// with its own lock, held for a look-up and a copy of the watchers, never while sessions work or send.
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
        return Handle(hash, _shards[ShardOf(hash)].Watch(userId, (uint)hash, new Watcher(session, friend)));
    }

    /// <summary>Takes a watcher back; the handle may name another user afterwards.</summary>
    public void Unwatch(int handle, Session session, int friend) =>
        _shards[(uint)handle >> IndexBits].Unwatch(handle & IndexMask, new Watcher(session, friend));

    /// <summary>The watched user behind a handle.</summary>
    public long UserOf(int handle) => _shards[(uint)handle >> IndexBits].UserOf(handle & IndexMask);

    /// <summary>The location of the user behind a handle; null when the user was not heard of.</summary>
    public FriendLocation? LocationOf(int handle) => _shards[(uint)handle >> IndexBits].LocationOf(handle & IndexMask);

    /// <summary>The location of a user; null when nobody watches the user.</summary>
    public FriendLocation? Find(long userId)
    {
        var hash = StableHash.Of(userId);
        return _shards[ShardOf(hash)].Collect(userId, (uint)hash, null);
    }

    /// <summary>The location of a user; null when nobody watches the user, or the user was not heard of.</summary>
    public FriendLocation? FindHeardOf(long userId)
    {
        var hash = StableHash.Of(userId);
        return _shards[ShardOf(hash)].FindHeardOf(userId, (uint)hash);
    }

    /// <summary>Copies the watchers of a user into <paramref name="watchers"/>; null when there are none.</summary>
    public FriendLocation? Collect(long userId, List<Watcher> watchers)
    {
        watchers.Clear();
        var hash = StableHash.Of(userId);
        return _shards[ShardOf(hash)].Collect(userId, (uint)hash, watchers);
    }

    /// <summary>How many sessions a user has here.</summary>
    public int CountOwnSessions(long userId)
    {
        var watchers = new List<Watcher>();
        Collect(userId, watchers);
        return watchers.Count(watcher => watcher.Friend == Session.Self);
    }

    private static int ShardOf(ulong hash) => (int)(hash >> (64 - ShardBits));

    private static int Handle(ulong hash, int index) => (ShardOf(hash) << IndexBits) | index;

    private struct Entry
    {
        public long UserId;

        /// <summary>A <see cref="Session"/>, or a list of <see cref="Watcher"/>.</summary>
        public object? Watchers;
        public FriendLocation? Location;

        /// <summary>The single watcher's friend index.</summary>
        public int Friend;

        /// <summary>Next entry of the bucket's chain or of the free list, plus one.</summary>
        public int Next;
    }

    private sealed class Shard
    {
        private readonly Lock _gate = new();
        private Entry[] _entries = new Entry[16];
        private int[] _buckets = new int[16];
        private int _used;
        private int _free;

        public int Count { get; private set; }

        public int Watch(long userId, uint hash, Watcher watcher)
        {
            lock (_gate)
            {
                var index = IndexOf(userId, hash);
                if (index < 0)
                {
                    index = Add(userId, hash);
                    _entries[index].Watchers = watcher.Session;
                    _entries[index].Friend = watcher.Friend;
                    return index;
                }

                ref var entry = ref _entries[index];
                if (entry.Watchers is Session session)
                {
                    entry.Watchers = new List<Watcher>(2) { new(session, entry.Friend) };
                }

                ((List<Watcher>)entry.Watchers!).Add(watcher);
                return index;
            }
        }

        public void Unwatch(int index, Watcher watcher)
        {
            lock (_gate)
            {
                ref var entry = ref _entries[index];
                if (entry.Watchers is List<Watcher> list)
                {
                    var at = list.IndexOf(watcher);
                    if (at >= 0)
                    {
                        list[at] = list[^1];
                        list.RemoveAt(list.Count - 1);
                    }

                    if (list.Count > 0)
                    {
                        return;
                    }
                }
                else if (!ReferenceEquals(entry.Watchers, watcher.Session))
                {
                    return;
                }

                Remove(index);
            }
        }

        public long UserOf(int index)
        {
            lock (_gate)
            {
                return _entries[index].UserId;
            }
        }

        public FriendLocation? LocationOf(int index)
        {
            lock (_gate)
            {
                return _entries[index].Location;
            }
        }

        public FriendLocation? FindHeardOf(long userId, uint hash)
        {
            lock (_gate)
            {
                var index = IndexOf(userId, hash);
                return index < 0 ? null : _entries[index].Location;
            }
        }

        public FriendLocation? Collect(long userId, uint hash, List<Watcher>? watchers)
        {
            lock (_gate)
            {
                var index = IndexOf(userId, hash);
                if (index < 0)
                {
                    return null;
                }

                ref var entry = ref _entries[index];
                if (entry.Watchers is Session session)
                {
                    watchers?.Add(new Watcher(session, entry.Friend));
                }
                else
                {
                    watchers?.AddRange((List<Watcher>)entry.Watchers!);
                }

                return entry.Location ??= new FriendLocation(userId);
            }
        }

        private int IndexOf(long userId, uint hash)
        {
            var index = _buckets[hash % (uint)_buckets.Length] - 1;
            while (index >= 0 && _entries[index].UserId != userId)
            {
                index = _entries[index].Next - 1;
            }

            return index;
        }

        private int Add(long userId, uint hash)
        {
            int index;
            if (_free > 0)
            {
                index = _free - 1;
                _free = _entries[index].Next;
            }
            else
            {
                if (_used == _entries.Length)
                {
                    Grow();
                }

                index = _used++;
            }

            ref var bucket = ref _buckets[hash % (uint)_buckets.Length];
            _entries[index] = new Entry { UserId = userId, Next = bucket };
            bucket = index + 1;
            Count++;
            return index;
        }

        private void Remove(int index)
        {
            ref var link = ref _buckets[(uint)StableHash.Of(_entries[index].UserId) % (uint)_buckets.Length];
            while (link != index + 1)
            {
                link = ref _entries[link - 1].Next;
            }

            link = _entries[index].Next;
            _entries[index] = new Entry { Next = _free };
            _free = index + 1;
            Count--;
        }

        /// <summary>By a third only: the table is most of a gateway's memory, and an empty half would be paid for.</summary>
        private void Grow()
        {
            var size = Math.Max(16, _entries.Length * 4 / 3);
            Array.Resize(ref _entries, size);
            _buckets = new int[size | 1];
            for (var i = 0; i < _used; i++)
            {
                ref var bucket = ref _buckets[(uint)StableHash.Of(_entries[i].UserId) % (uint)_buckets.Length];
                _entries[i].Next = bucket;
                bucket = i + 1;
            }
        }
    }
}

/// <summary>A session that watches a user, and the number under which it keeps that friend.</summary>
/// <param name="Session">The session.</param>
/// <param name="Friend">Its friend index; <see cref="Session.Self"/> for the session's own user.</param>
public readonly record struct Watcher(Session Session, int Friend);
