using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>The sessions of a user, among all that watch it.</summary>
public static class OwnSessions
{
    /// <summary>The user's own sessions on this gateway.</summary>
    public static IEnumerable<Session> Sessions(this FriendLocation user) =>
        user.Watchers.Where(watcher => watcher.Friend == Watcher.Self).Select(watcher => watcher.Session).OfType<Session>();
}
