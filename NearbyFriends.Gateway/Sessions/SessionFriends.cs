using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
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

    // Of the few friends who do not simply show all; null while there is none. Replaced, never changed: updates read it without
    // the session's lock.
    private Dictionary<int, FriendVisibility>? _visibilities;
    private long _nextVisibilityEnd = long.MaxValue;

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
            SetVisibility(friend, default);
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

    /// <summary>Unix milliseconds at which the first end comes of what friends show. May be read without the session's lock.</summary>
    public long NextVisibilityEnd => Volatile.Read(ref _nextVisibilityEnd);

    /// <summary>Whether a friend does not simply show all. May be asked without the session's lock.</summary>
    public bool IsLimited(int friend) => Volatile.Read(ref _visibilities)?.ContainsKey(friend) == true;

    /// <summary>The ids of the friends who do not simply show all.</summary>
    public IEnumerable<long> LimitedUserIds() => (_visibilities ?? []).Keys.Select(friend => index.UserOf(_handles[friend]));

    /// <summary>What the session's user sees of a friend's state at <paramref name="now"/> (Unix milliseconds).</summary>
    public FriendState SeenBy(int friend, in FriendState state, long now)
    {
        if (_visibilities is null || !_visibilities.TryGetValue(friend, out var sees))
        {
            return state;
        }

        return sees.At(now) switch
        {
            Visibility.Exact => state,
            Visibility.Approximate => state with { Location = ApproximateGrid.Snap(state.Location), Accuracy = default, IsApproximate = true },
            _ => default, // as of a friend who hides
        };
    }

    /// <summary>Sets what a friend shows; false if that is so already.</summary>
    public bool SetVisibility(int friend, FriendVisibility sees)
    {
        if ((_visibilities?.GetValueOrDefault(friend) ?? default) == sees)
        {
            return false;
        }

        var visibilities = new Dictionary<int, FriendVisibility>(_visibilities ?? []);
        visibilities.Remove(friend);
        if (sees != default)
        {
            visibilities.Add(friend, sees);
        }

        var ends = visibilities.Values.Where(visibility => visibility.Until != 0).Select(visibility => visibility.Until);
        Volatile.Write(ref _visibilities, visibilities.Count == 0 ? null : visibilities);
        Volatile.Write(ref _nextVisibilityEnd, ends.DefaultIfEmpty(long.MaxValue).Min());
        return true;
    }

    /// <summary>Ends what friends show whose end has come at <paramref name="now"/> (Unix milliseconds).</summary>
    /// <returns>The numbers of those friends.</returns>
    public IReadOnlyList<int> EndVisibilities(long now)
    {
        var ended = (_visibilities ?? []).Where(entry => entry.Value.HasEnded(now)).ToList();
        foreach (var (friend, sees) in ended)
        {
            SetVisibility(friend, new(sees.Afterwards));
        }

        return ended.ConvertAll(entry => entry.Key);
    }

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
