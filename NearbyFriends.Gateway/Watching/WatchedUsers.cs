using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Watching;

/// <summary>What the journal and the location cache say of watched users, passed on to the sessions that watch them.</summary>
public sealed partial class WatchedUsers(
    WatchIndex index, PresenceWheel presence, RedisLocationCache cache, RecentlyHidden hidden, ILogger<WatchedUsers> logger)
{
    /// <summary>
    /// Takes a user's sharing if that is newer than what is known here, and tells all sessions but the one that is just opening.
    /// </summary>
    public void SwitchSharing(FriendLocation location, long sharingVersion, bool sharing, Session? opening = null)
    {
        if (!location.TrySwitchSharing(sharingVersion, sharing))
        {
            return;
        }

        foreach (var watcher in location.Watchers)
        {
            if (watcher.Friend != Session.Self)
            {
                watcher.Session.FriendChanged(watcher.Friend, location);
            }
            else if (watcher.Session != opening)
            {
                watcher.Session.OwnSharingSwitched(sharing);
            }
        }
    }

    /// <summary>
    /// Takes the cached locations of these users, so far as they are newer than what is known here and their users did not hide
    /// since. False when a part of the cache is unavailable: the lists lack its friends until their next update.
    /// </summary>
    public async Task<bool> ReadCacheAsync(IReadOnlyList<long> userIds)
    {
        var cached = await cache.ReadAsync(userIds);
        if (!cached.IsComplete)
        {
            LogCacheUnavailable();
        }

        for (var i = 0; i < cached.Count; i++)
        {
            if (cached[i] is not { } entry || index.Find(userIds[i]) is not { } location)
            {
                continue;
            }

            if (entry.Location is not { } place)
            {
                SwitchSharing(location, entry.SharingVersion, sharing: false);
            }
            else if (!hidden.IsHidden(userIds[i], entry.SharingVersion) && location.TryMove(entry.SharingVersion, place, receivedAt: 0))
            {
                TellWatchers(location, place);
            }
        }

        return cached.IsComplete;
    }

    private void TellWatchers(FriendLocation location, in Location moved)
    {
        presence.Track(location, moved.Time);
        foreach (var watcher in location.Watchers)
        {
            if (watcher.Friend == Session.Self)
            {
                watcher.Session.OwnMoved();
            }
            else
            {
                watcher.Session.FriendMoved(watcher.Friend, location, moved);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "A part of the location cache is unavailable; lists lack friends until their next update.")]
    private partial void LogCacheUnavailable();
}
