using NearbyFriends.Core;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache.Notices;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>Shows alerts in the sessions of their users, and says which notices were shown to somebody, so that they need no push.</summary>
/// <remarks>
/// A notice counts as shown once a client in the foreground was heard of after it was sent: a connection may be broken for
/// <see cref="GatewayOptions.PingEvery"/> and <see cref="GatewayOptions.PingTimeout"/> before anybody notices. The client need not know of
/// this, for its WebSocket answers pings by itself. An event stream has no way back, so what it shows is pushed as well.
/// </remarks>
public sealed class SessionNotices(
    WatchIndex index, WatchedUsers watched, PresenceWheel presence, DisplayNames names, NoticeQueue notices, TimeProvider clock)
{
    /// <summary>Shows an alert in the user's sessions of this gateway, unless its friend hid in this moment.</summary>
    public void Show(Alert alert)
    {
        if (index.Find(alert.UserId) is { } user && user.Sessions().Any())
        {
            _ = ShowAsync(alert, user);
        }
    }

    /// <summary>Sends a session what a notice tells.</summary>
    public void Send(Session session, MessageBuffer message, string noticeId) => session.Send(message, whenReceived: () =>
    {
        if (session.IsInForeground)
        {
            _ = notices.ShownAsync(noticeId);
        }
    });

    private async Task ShowAsync(Alert alert, FriendLocation user)
    {
        if (FindPresent(alert.FriendId) is null)
        {
            await watched.ReadCacheAsync([alert.FriendId]); // the location that caused the alert comes by another channel, maybe later
        }

        if (FindPresent(alert.FriendId) is not { } friend)
        {
            return;
        }

        await names.EnsureAsync([friend]);
        if (FindPresent(alert.FriendId) is null)
        {
            return;
        }

        foreach (var session in user.Sessions())
        {
            Send(session, session.Format.Alert(alert.FriendId, friend.DisplayName ?? "", alert.DistanceMetres), alert.Id);
        }
    }

    private FriendLocation? FindPresent(long userId) =>
        index.FindHeardOf(userId) is { } user && presence.IsPresent(user.Read(), clock.UnixMilliseconds()) ? user : null;
}
