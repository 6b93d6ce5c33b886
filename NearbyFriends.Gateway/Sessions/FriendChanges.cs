using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.LocationCache;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Keeps the friends of open sessions up to date: new and ended friendships, deleted users, and whatever a lost
/// control entry would have said.
/// </summary>
public sealed partial class FriendChanges(
    WatchIndex index, PresenceWheel presence, FanoutSubscriber subscriber, RedisLocationCache cache, IFriendSource friends, CachedConsent cachedConsent, DisplayNames names,
    ILogger<FriendChanges> logger)
{
    /// <summary>Takes a control entry about a friendship, a profile or a deletion.</summary>
    public void Apply(FrameEntry entry, FriendLocation location)
    {
        foreach (var watcher in location.Watchers)
        {
            if (watcher.Friend != Session.Self)
            {
                continue;
            }

            var session = watcher.Session;
            _ = entry.Kind == FrameEntryKind.UserDeleted
                ? session.CloseAsync(CloseCodes.UserGone, "The user was deleted.")
                : session.ChangeFriendsAsync(() => ApplyAsync(session, entry));
        }
    }

    /// <summary>
    /// Compares a session with the friend source and the location cache, and mends what differs: friends who came or
    /// went, who hides, where they are. Never throws; what fails is tried again with the next comparison of versions.
    /// </summary>
    public Task RefreshAsync(Session session) => session.ChangeFriendsAsync(() => TryAsync(() => ReloadAsync(session)));

    /// <summary>The same for all sessions of a user.</summary>
    public void Refresh(long userId)
    {
        foreach (var watcher in index.Find(userId)?.Watchers ?? [])
        {
            if (watcher.Friend == Session.Self)
            {
                _ = RefreshAsync(watcher.Session);
            }
        }
    }

    /// <summary>
    /// Takes a user's sharing as the friend source or the cache has it, if that is newer than what is known here, and
    /// tells all sessions but the one that is just opening.
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
    /// Takes the cached locations of these users, so far as they are newer than what is known here. False when a part of
    /// the cache is away: the lists lack its friends until their next update.
    /// </summary>
    public async Task<bool> ReadCacheAsync(IReadOnlyList<long> userIds)
    {
        var cached = await cache.ReadAsync(userIds);
        if (!cached.IsComplete)
        {
            LogCacheAway();
        }

        var consents = await cachedConsent.LookUpAsync(userIds, cached);
        for (var i = 0; i < cached.Count; i++)
        {
            var consent = consents.Of(userIds[i]);
            if ((consent is null && cached[i] is null) || index.Find(userIds[i]) is not { } location)
            {
                continue;
            }

            if (consent is { } known)
            {
                SwitchSharing(location, known.SharingVersion, known.Sharing);
            }

            if (cached[i] is not { } entry)
            {
                continue;
            }

            if (entry.Location is not { } place)
            {
                SwitchSharing(location, entry.SharingVersion, sharing: false);
            }
            else if (consents.Allow(userIds[i], entry.SharingVersion) && location.TryMove(entry.SharingVersion, place, receivedAt: 0))
            {
                TellWatchers(location, place);
            }
        }

        return cached.IsComplete && consents.AreComplete;
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

    private Task ApplyAsync(Session session, FrameEntry entry) => TryAsync(async () =>
    {
        if (entry.Version <= session.FriendsVersion)
        {
            return; // the session was opened, or reloaded, after this change
        }

        if (entry.Kind == FrameEntryKind.FriendAdded)
        {
            await AddAsync(session, [entry.Other]);
        }
        else if (entry.Kind == FrameEntryKind.FriendRemoved)
        {
            Remove(session, entry.Other, tellClient: entry.Flag);
        }

        if (entry.Version == session.FriendsVersion + 1)
        {
            session.SetFriendsVersion(entry.Version);
        }
        else
        {
            await ReloadAsync(session); // a change before this one was missed
        }
    });

    private async Task ReloadAsync(Session session)
    {
        var user = await friends.LoadAsync(session.UserId, CancellationToken.None);
        if (user is null || user.Locked)
        {
            await session.CloseAsync(CloseCodes.UserGone, "The user was deleted or locked.");
            return;
        }

        var before = session.FriendIds();
        foreach (var former in before.Except(user.Friends).ToList())
        {
            Remove(session, former, tellClient: false);
        }

        await AddAsync(session, [.. user.Friends.Except(before)]);
        session.SetFriendsVersion(user.FriendsVersion);
        SwitchSharing(session.Own, user.SharingVersion, user.Sharing);
        await ReadCacheAsync([session.UserId, .. user.Friends]);
    }

    private async Task TryAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (Exception e)
        {
            LogRefreshFailed(e);
        }
    }

    private async Task AddAsync(Session session, long[] userIds)
    {
        var added = new List<long>();
        await subscriber.WatchAsync(userIds); // before the cache is read, so that nothing falls between
        foreach (var userId in userIds)
        {
            if (session.AddFriend(userId))
            {
                added.Add(userId);
            }
            else
            {
                subscriber.Unwatch([userId]);
            }
        }

        if (added.Count == 0)
        {
            return;
        }

        var locations = added.Select(index.Find).OfType<FriendLocation>().ToList();
        await Task.WhenAll(ReadCacheAsync(added), names.EnsureAsync(locations));
        foreach (var location in locations)
        {
            session.AnnounceFriend(location);
        }
    }

    private void Remove(Session session, long userId, bool tellClient)
    {
        if (session.RemoveFriend(userId, tellClient))
        {
            subscriber.Unwatch([userId]);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A session's friends could not be compared; the next comparison tries again.")]
    private partial void LogRefreshFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "A part of the location cache is away; lists lack friends until their next update.")]
    private partial void LogCacheAway();
}
