using NearbyFriends.Core;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache.Notices;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>Shows alerts in the sessions of their users, and says which notices were shown to somebody, so that they need no push.</summary>
public sealed class SessionNotices(WatchIndex index, PresenceWheel presence, DisplayNames names, NoticeQueue notices, TimeProvider clock)
{
    /// <summary>Shows an alert in the user's sessions of this gateway, unless its friend hid in this moment.</summary>
    public void Show(Alert alert)
    {
        if (index.Find(alert.UserId) is { } user && index.FindHeardOf(alert.FriendId) is { } friend)
        {
            _ = ShowAsync(alert, user, friend);
        }
    }

    /// <summary>A session was sent what the notice tells.</summary>
    public void Shown(Session session, string noticeId)
    {
        if (session is { IsInForeground: true, IsClosed: false })
        {
            _ = notices.ShownAsync(noticeId);
        }
    }

    private async Task ShowAsync(Alert alert, FriendLocation user, FriendLocation friend)
    {
        await names.EnsureAsync([friend]);
        if (!presence.IsPresent(friend.Read(), clock.UnixMilliseconds()))
        {
            return;
        }

        foreach (var session in user.Sessions())
        {
            session.Send(session.Format.Alert(alert.FriendId, friend.DisplayName ?? "", alert.DistanceMetres));
            Shown(session, alert.Id);
        }
    }
}
