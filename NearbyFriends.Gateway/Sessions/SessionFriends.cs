using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// The friends of one session as numbers from 0, and the handle under which the gateway watches each. A number is
/// never given to another friend; a session that lost many keeps a few empty ones until it reconnects.
/// Not thread-safe: the session holds its lock.
/// </summary>
public sealed class SessionFriends(WatchIndex index, int capacity)
{
    private const int Empty = -1;
    private int[] _handles = new int[capacity];

    /// <summary>Numbers given so far.</summary>
    public int Count { get; private set; }

    /// <summary>Watches one more friend; returns its number.</summary>
    public int Add(long userId, IWatchingSession session)
    {
        if (Count == _handles.Length)
        {
            Array.Resize(ref _handles, Count + 8);
        }

        _handles[Count] = index.Watch(userId, session, Count);
        return Count++;
    }

    /// <summary>Stops watching a friend.</summary>
    public void Remove(int friend, IWatchingSession session)
    {
        if (_handles[friend] != Empty)
        {
            index.Unwatch(_handles[friend], session, friend);
            _handles[friend] = Empty;
        }
    }

    /// <summary>The number of a friend; -1 when the user is none.</summary>
    public int NumberOf(long userId)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_handles[i] != Empty && index.UserOf(_handles[i]) == userId)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether the number is still a friend's.</summary>
    public bool IsWatched(int friend) => _handles[friend] != Empty;

    /// <summary>The location of a friend; null when the friend was not heard of, or is none any more.</summary>
    public FriendLocation? LocationOf(int friend) => _handles[friend] == Empty ? null : index.LocationOf(_handles[friend]);

    /// <summary>The ids of all friends.</summary>
    public IEnumerable<long> UserIds()
    {
        for (var i = 0; i < Count; i++)
        {
            if (_handles[i] != Empty)
            {
                yield return index.UserOf(_handles[i]);
            }
        }
    }
}
