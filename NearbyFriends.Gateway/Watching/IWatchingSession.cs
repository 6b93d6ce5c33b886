using NearbyFriends.Core.Geo;

namespace NearbyFriends.Gateway.Watching;

/// <summary>A session as those see it who tell it of the users whom it watches. Any thread may call; none may be held up.</summary>
public interface IWatchingSession
{
    /// <summary>Its number in the <see cref="WatchIndex"/>.</summary>
    int Number { get; }

    /// <summary>Begins to load what an update of this friend needs.</summary>
    void Touch(int friend);

    /// <summary>A friend moved to <paramref name="moved"/>; true when the friend is inside, false when out of sight.</summary>
    bool FriendMoved(int friend, FriendLocation location, in Location moved);

    /// <summary>A friend hides or is inactive; true when the friend is inside, false when out of sight.</summary>
    bool FriendChanged(int friend, FriendLocation location);

    /// <summary>The session's own user moved, on this connection or another.</summary>
    void OwnMoved();

    /// <summary>The session's own user switched sharing, or its end: Unix milliseconds, 0 for no end.</summary>
    void OwnSharingSwitched(bool sharing, long until);
}

/// <summary>A session that watches a user, and the number under which it keeps that friend.</summary>
/// <param name="Session">The session.</param>
/// <param name="Friend">Its friend number; <see cref="Self"/> for the session's own user.</param>
public readonly record struct Watcher(IWatchingSession Session, int Friend)
{
    /// <summary>The friend number under which a session watches its own user.</summary>
    public const int Self = -1;
}
