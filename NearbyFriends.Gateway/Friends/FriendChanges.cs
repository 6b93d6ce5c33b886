using System.Collections.ObjectModel;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Strangers;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Friends;

/// <summary>What a change of a friend means to a session that knows its user's friends as of some version.</summary>
public enum VersionStep
{
    /// <summary>The session has it already.</summary>
    Known,

    /// <summary>It is the next one.</summary>
    Next,

    /// <summary>One before it was missed.</summary>
    Gap,
}

/// <summary>
/// Keeps open sessions in line with the journal: friends who come and go, hide, are renamed, locked or deleted. Takes the same
/// changes from announcements and from the journal, in any order and any number of times.
/// </summary>
public sealed partial class FriendChanges(
    WatchIndex index, WatchedUsers watched, WatchedSharing sharing, RecentlyHidden hidden, StrangersNearby strangers, AlertWatches alerts,
    FanoutSubscriber subscriber, IFriendSource friends, DisplayNames names, SessionNotices notices, TimeProvider clock, ILogger<FriendChanges> logger)
{
    private static readonly TimeSpan FirstAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly LogThrottle _failures = new(clock);

    /// <summary>What a change of version <paramref name="change"/> means to who knows <paramref name="known"/>.</summary>
    public static VersionStep StepTo(long change, long known) =>
        change <= known ? VersionStep.Known : change == known + 1 ? VersionStep.Next : VersionStep.Gap;

    /// <summary>Takes a change. Never waits; a kind of a newer version has no effect.</summary>
    public void Apply(Change change)
    {
        strangers.Apply(change);
        alerts.Apply(change);
        if (change.Hides)
        {
            hidden.Add(change.UserId, change.Version); // before the look for watchers: who begins to watch after it finds this
        }

        if (index.Find(change.UserId) is { } location)
        {
            Apply(change, location);
        }
    }

    private void Apply(Change change, FriendLocation location)
    {
        switch (change.Kind)
        {
            case ChangeKind.SharingStarted:
                foreach (var session in location.Sessions())
                {
                    session.SharingSince = Math.Max(session.SharingSince, change.ChangedAt.ToUnixTimeMilliseconds());
                }

                sharing.Switch(location, change.Version, sharing: true, until: change.Detail);
                break;
            case ChangeKind.SharingEndChanged:
                sharing.Switch(location, change.Version, sharing: true, until: change.Detail);
                break;
            case ChangeKind.SharingEnded:
                sharing.Switch(location, change.Version, sharing: false);
                break;
            case ChangeKind.Locked or ChangeKind.Deleted:
                End(change, location);
                break;
            case ChangeKind.StrangersStarted or ChangeKind.StrangersEnded:
                foreach (var session in location.Sessions())
                {
                    session.StrangerConsent.Switch(change.Version, change.Kind == ChangeKind.StrangersStarted);
                }

                break;
            case ChangeKind.FriendAdded or ChangeKind.FriendRemoved or ChangeKind.RemovedByFriend or ChangeKind.Renamed
                or ChangeKind.ShowsChanged or ChangeKind.SeesChanged or ChangeKind.Blocked or ChangeKind.RequestReceived
                or ChangeKind.RequestSent or ChangeKind.ReceivedRequestClosed or ChangeKind.SentRequestClosed or ChangeKind.AlertsChanged:
                if (change.Kind == ChangeKind.Renamed)
                {
                    location.DisplayName = null;
                }

                foreach (var session in location.Sessions().Where(session => change.Version > session.FriendsVersion))
                {
                    _ = ChangeAsync(session, () => ApplyAsync(session, change));
                }

                break;
        }
    }

    private void End(Change change, FriendLocation location)
    {
        foreach (var session in location.Sessions().Where(session => change.Version > session.SharingVersion)) // else it was unlocked since
        {
            _ = session.CloseAsync(CloseCodes.UserGone, "The user was deleted or locked.");
        }

        sharing.Switch(location, change.Version, sharing: false);
        if (change.Kind != ChangeKind.Deleted)
        {
            return;
        }

        foreach (var (watcher, friend) in location.Watchers)
        {
            if (friend != Watcher.Self && watcher is Session session)
            {
                _ = ChangeAsync(session, () =>
                {
                    Remove(session, change.UserId, tellClient: false);
                    return Task.CompletedTask;
                });
            }
        }
    }

    /// <summary>
    /// Changes a session's friends after the changes before it; tries again until it succeeds or the session ends, for no later
    /// change would make up for it.
    /// </summary>
    private Task ChangeAsync(Session session, Func<Task> change) => session.ChangeFriendsAsync(async () =>
    {
        for (var pause = FirstAgain; !session.IsClosed; pause = pause < LongestPause / 2 ? 2 * pause : LongestPause)
        {
            try
            {
                await change();
                return;
            }
            catch (Exception e)
            {
                if (_failures.Add() is > 0 and var count)
                {
                    LogFailed(e, count);
                }
            }

            await Task.Delay(pause, clock);
        }
    });

    private async Task ApplyAsync(Session session, Change change)
    {
        var step = StepTo(change.Version, session.FriendsVersion);
        if (step == VersionStep.Known)
        {
            return; // the session was opened, or reloaded, after this change
        }

        if (change.Kind == ChangeKind.FriendAdded && step == VersionStep.Next) // else it may see less by now: the reload tells
        {
            await AddAsync(session, [change.OtherId], ReadOnlyDictionary<long, FriendVisibility>.Empty);
        }
        else if (change.Kind is ChangeKind.FriendRemoved or ChangeKind.RemovedByFriend)
        {
            Remove(session, change.OtherId, tellClient: change.Kind == ChangeKind.FriendRemoved);
        }
        else if (change.Kind == ChangeKind.ShowsChanged)
        {
            session.Send(session.Format.Visibility(change.OtherId, FriendVisibility.Unpack(change.Detail)));
        }
        else if (change.Kind == ChangeKind.SeesChanged)
        {
            session.SetVisibility(change.OtherId, FriendVisibility.Unpack(change.Detail));
        }
        else if (change.Kind == ChangeKind.Blocked)
        {
            session.Strangers?.Exclude(change.OtherId);
        }
        else
        {
            await TellOfRequestAsync(session, change);
        }

        if (step == VersionStep.Next)
        {
            session.SetFriendsVersion(change.Version);
        }
        else
        {
            await ReloadAsync(session);
        }
    }

    private async Task TellOfRequestAsync(Session session, Change change)
    {
        switch (change.Kind)
        {
            case ChangeKind.RequestReceived or ChangeKind.RequestSent:
                var found = await friends.DisplayNamesAsync([change.OtherId], CancellationToken.None);
                var message = session.Format.FriendRequest(RequestOf(change), found.GetValueOrDefault(change.OtherId));
                if (change.Kind == ChangeKind.RequestReceived)
                {
                    notices.Send(session, message, RequestOf(change).ToString());
                }
                else
                {
                    session.Send(message);
                }

                break;
            case ChangeKind.ReceivedRequestClosed or ChangeKind.SentRequestClosed:
                session.Send(session.Format.FriendRequestClosed(RequestOf(change)));
                break;
        }
    }

    private static FriendRequestId RequestOf(Change change) => change.Kind is ChangeKind.RequestReceived or ChangeKind.ReceivedRequestClosed
        ? new(Addressee: change.UserId, Requester: change.OtherId)
        : new(Addressee: change.OtherId, Requester: change.UserId);

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

        session.SetVisibilities(user.Sees);
        await AddAsync(session, [.. user.Friends.Except(before)], user.Sees);
        session.SetFriendsVersion(user.FriendsVersion);
        session.SharingVersion = user.Sharing.Version;
        session.SharingSince = Math.Max(session.SharingSince, user.Sharing.Since);
        sharing.Switch(session.Own, user.Sharing.Version, user.Sharing.IsOn, user.Sharing.Until);
        session.StrangerConsent.Load(user.Sharing.StrangersVersion);
        await watched.ReadCacheAsync([session.UserId, .. user.Friends]);
    }

    private async Task AddAsync(Session session, long[] userIds, IReadOnlyDictionary<long, FriendVisibility> sees)
    {
        var added = new List<long>();
        await subscriber.WatchAsync(userIds); // before the cache is read, so that nothing falls between
        foreach (var userId in userIds)
        {
            if (session.AddFriend(userId, sees.GetValueOrDefault(userId)))
            {
                added.Add(userId);
                session.Strangers?.Exclude(userId); // nobody is listed twice
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
        await Task.WhenAll(watched.ReadCacheAsync(added), names.EnsureAsync(locations));
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

    [LoggerMessage(LogLevel.Warning, "Friends of sessions could not be loaded ({Count} since the last such line); it is tried again.")]
    private partial void LogFailed(Exception exception, int count);
}
