using NearbyFriends.Core;


namespace NearbyFriends.Gateway.Watching;

/// <summary>
/// Who of this gateway's sessions watches a user: one look-up per entry of a frame, without a lock.
/// </summary>
/// <remarks>
/// Most of the users a gateway watches are friends of one session who are not even connected: with 400 friends a
/// session they decide the memory. Such a user costs one 16-byte entry of a hash table with chained buckets (plus 4
/// bytes of bucket), without references, so that the garbage collector passes millions of them over, and each of the next
/// few watchers another one; a <see cref="FriendLocation"/> for all of them is made when the user is heard of, or has more.
/// Entries lie in chunks, so that the table grows without a copy of itself.
/// The table is split into shards by the user's hash. Writers of a shard hold its lock and make its sequence odd
/// meanwhile; a reader walks the chain and tries again if the sequence moved. Watchers come and go with connections,
/// look-ups come with every update, so readers almost never try twice.
/// A handle names an entry until the watchers that were given it have left.
/// </remarks>
public sealed class WatchIndex
{
    private const int ShardBits = 6;
    private const int IndexBits = 32 - ShardBits;
    private const int IndexMask = (1 << IndexBits) - 1;

    private readonly SessionNumbers _numbers = new();
    private readonly WatchShard[] _shards;

    public WatchIndex() => _shards = Enumerable.Range(0, 1 << ShardBits).Select(_ => new WatchShard(_numbers)).ToArray();

    /// <summary>Users with at least one watcher.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>Gives a session its number, before it watches anyone.</summary>
    public int Enter(IWatchingSession session) => _numbers.Enter(session);

    /// <summary>Takes the number of a session back, which watches nobody any more.</summary>
    public void Leave(int number) => _numbers.Leave(number);

    /// <summary>Adds a watcher; returns the handle of the watched user.</summary>
    public int Watch(long userId, IWatchingSession session, int friend)
    {
        var hash = StableHash.Of(userId);
        return (ShardOf(hash) << IndexBits) | _shards[ShardOf(hash)].Watch(userId, (uint)hash, new Watcher(session, friend));
    }

    /// <summary>Takes a watcher back; the handle may name another user afterwards.</summary>
    public void Unwatch(int handle, IWatchingSession session, int friend) =>
        _shards[(uint)handle >> IndexBits].Unwatch(handle & IndexMask, new Watcher(session, friend));

    /// <summary>The watched user behind a handle.</summary>
    public long UserOf(int handle) => _shards[(uint)handle >> IndexBits].UserOf(handle & IndexMask);

    /// <summary>The location of the user behind a handle; null when the user was not heard of.</summary>
    public FriendLocation? LocationOf(int handle) => _shards[(uint)handle >> IndexBits].LocationOf(handle & IndexMask);

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
}

/// <summary>Small numbers for the sessions of a gateway, so that the index names one in a few bits. A number is given again after its session left.</summary>
internal sealed class SessionNumbers
{
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = [];
    private IWatchingSession?[] _sessions = new IWatchingSession?[64];
    private int _used;

    public IWatchingSession this[int number] => Volatile.Read(ref _sessions)[number]!;

    public int Enter(IWatchingSession session)
    {
        lock (_gate)
        {
            var number = _free.TryPop(out var free) ? free : _used++;
            if (number == _sessions.Length)
            {
                var larger = new IWatchingSession?[number * 2];
                _sessions.CopyTo(larger, 0);
                Volatile.Write(ref _sessions, larger);
            }

            _sessions[number] = session;
            return number;
        }
    }

    public void Leave(int number)
    {
        lock (_gate)
        {
            _sessions[number] = null;
            _free.Push(number);
        }
    }
}
