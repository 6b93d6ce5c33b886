using NearbyFriends.Core.Geo;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Watching;

/// <summary>What the journal and the location cache say of watched users, passed on to the sessions that watch them.</summary>
public sealed partial class WatchedUsers(WatchIndex index, Deliveries deliveries, RedisLocationCache cache, ILogger<WatchedUsers> logger)
{
    /// <summary>
    /// Takes a user's sharing if that is newer than what is known here, and tells all sessions but the one that is just opening.
    /// </summary>
    public static void SwitchSharing(FriendLocation location, long sharingVersion, bool sharing, IWatchingSession? opening = null)
    {
        if (!location.TrySwitchSharing(sharingVersion, sharing))
        {
            return;
        }

        foreach (var (session, friend) in location.Watchers)
        {
            if (friend != Watcher.Self)
            {
                session.FriendChanged(friend, location);
            }
            else if (session != opening)
            {
                session.OwnSharingSwitched(sharing);
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

        var tally = default(DeliveryTally); // not reported: nobody moved
        for (var i = 0; i < cached.Count; i++)
        {
            if (cached[i] is not { } entry || index.Find(userIds[i]) is not { } location)
            {
                continue;
            }

            if (entry.Location is { } place)
            {
                deliveries.Move(location, entry.SharingVersion, place, receivedAt: 0, trace: default, ref tally);
            }
            else
            {
                SwitchSharing(location, entry.SharingVersion, sharing: false);
            }
        }

        return cached.IsComplete;
    }

    /// <summary>
    /// Where a user is under this sharing version, watched here or not; null when that is not known. Does not fail while the cache is
    /// unavailable.
    /// </summary>
    public async Task<Location?> LocateAsync(long userId, long sharingVersion)
    {
        if (index.FindHeardOf(userId)?.Read() is { HasLocation: true } known)
        {
            return known.SharingVersion == sharingVersion ? known.Location : null;
        }

        var cached = (await cache.ReadAsync([userId]))[0];
        return cached?.SharingVersion == sharingVersion ? cached.Value.Location : null;
    }

    [LoggerMessage(LogLevel.Warning, "A part of the location cache is unavailable; lists lack friends until their next update.")]
    private partial void LogCacheUnavailable();
}
