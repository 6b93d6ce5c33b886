using System.Collections.Concurrent;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Alerts;

/// <summary>
/// The users of this gateway who have alerts: those with a session here, and those whose location came here by HTTP within
/// <see cref="PresenceWheel.InactiveAfterMs"/>.
/// </summary>
/// <remarks>
/// That is where a user's location arrives, and a user without a location has no distance to anybody. If two gateways watch for one user,
/// <see cref="Approaches"/> decides which of them tells. If a gateway dies, the next session or location of the user begins the watch
/// elsewhere, with the same memory of what was told.
/// </remarks>
public sealed partial class AlertWatches : BackgroundService
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, WatchedFor> _users = [];
    private readonly WatchIndex _index;
    private readonly WatchedUsers _watched;
    private readonly WatchedSharing _sharing;
    private readonly PresenceWheel _presence;
    private readonly FanoutSubscriber _subscriber;
    private readonly IFriendSource _friends;
    private readonly AlertSender _sender;
    private readonly TimeProvider _clock;
    private readonly ILogger<AlertWatches> _logger;
    private readonly LogThrottle _failures;

    public AlertWatches(
        WatchIndex index, WatchedUsers watched, WatchedSharing sharing, PresenceWheel presence, FanoutSubscriber subscriber, IFriendSource friends,
        AlertSender sender, TimeProvider clock, ILogger<AlertWatches> logger)
    {
        (_index, _watched, _sharing, _presence, _subscriber, _friends) = (index, watched, sharing, presence, subscriber, friends);
        (_sender, _clock, _logger, _failures) = (sender, clock, logger, new(clock));
        GatewayTelemetry.Meter.CreateObservableUpDownCounter(
            "nearbyfriends.alerts.watches", () => _users.Values.Count(user => user.Watch is not null), "{user}", "Users whose friends this gateway watches for alerts.");
    }

    /// <summary>A location of the user came: watches for its alerts from now on, if it has some. Never waits.</summary>
    public void Want(long userId) => Want(userId, loaded: null);

    /// <summary>The same for a user who was loaded just now, within <see cref="Journal.LongestLoad"/>.</summary>
    public void Want(UserFriends loaded)
    {
        if (loaded.Alerts.Count > 0 || _users.ContainsKey(loaded.Id))
        {
            Want(loaded.Id, loaded);
        }
    }

    /// <summary>Takes a change of friends, of what they show, or of alerts: what was known of the user is dropped at once and loaded anew.</summary>
    public void Apply(in Change change)
    {
        if (change.Kind is not (ChangeKind.FriendAdded or ChangeKind.FriendRemoved or ChangeKind.RemovedByFriend or ChangeKind.SeesChanged
            or ChangeKind.AlertsChanged or ChangeKind.Locked or ChangeKind.Deleted))
        {
            return;
        }

        if (_users.TryGetValue(change.UserId, out var user))
        {
            var isOfFriends = change.Kind is not (ChangeKind.Locked or ChangeKind.Deleted);
            if (!isOfFriends || change.Version > user.FriendsVersion)
            {
                Close(user.Drop());
                Load(user);
            }
        }
        else if (change.Kind == ChangeKind.AlertsChanged && HasSession(change.UserId))
        {
            Want(change.UserId);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepEvery, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var user in _users.Values)
            {
                if (user.WantedAt + _presence.InactiveAfterMs > _clock.MonotonicMilliseconds() || HasSession(user.Id))
                {
                    Load(user); // what could not be loaded is tried again
                }
                else if (_users.TryRemove(user.Id, out _))
                {
                    Close(user.End());
                }
            }
        }
    }

    private void Want(long userId, UserFriends? loaded)
    {
        var user = _users.GetOrAdd(userId, static id => new WatchedFor(id));
        user.WantedAt = _clock.MonotonicMilliseconds();
        Load(user, loaded);
    }

    private void Load(WatchedFor user, UserFriends? loaded = null)
    {
        if (user.TryBeginLoading())
        {
            _ = LoadAsync(user, loaded);
        }
    }

    private bool HasSession(long userId) =>
        _index.FindHeardOf(userId)?.Watchers.Any(watcher => watcher.Friend == Watcher.Self && watcher.Session is not AlertWatch) == true;

    /// <summary>Loads the user, unless that was done already, and begins the watch; once more if it has changed meanwhile.</summary>
    private async Task LoadAsync(WatchedFor user, UserFriends? loaded)
    {
        try
        {
            int generation;
            do
            {
                generation = user.Generation;
                loaded ??= await _friends.LoadAsync(user.Id, CancellationToken.None);
                user.Knows(loaded?.FriendsVersion ?? 0);
                await user.Told; // what the watch before takes back is not seen too early
                var watch = loaded is { Locked: false, Alerts.Count: > 0 } ? await BeginAsync(loaded) : null;
                if (!user.TryKeep(watch, generation))
                {
                    Close(watch);
                    await (watch?.Told ?? Task.CompletedTask);
                }
                else
                {
                    watch?.OwnMoved();
                }

                loaded = null;
            }
            while (user.Generation != generation);
        }
        catch (Exception e)
        {
            if (_failures.Add() is > 0 and var count)
            {
                LogFailed(e, count);
            }
        }
        finally
        {
            user.EndLoading();
        }
    }

    /// <summary>Watches before it reads, so that nothing falls between.</summary>
    private async Task<AlertWatch> BeginAsync(UserFriends user)
    {
        var watch = new AlertWatch(user, _index, _presence, _clock, _sender.TakeAsync);
        try
        {
            await _subscriber.WatchAsync(watch.WatchedIds);
            _sharing.Switch(watch.Own, user.Sharing.Version, user.Sharing.IsOn, user.Sharing.Until);
            await _watched.ReadCacheAsync(watch.WatchedIds);
            return watch;
        }
        catch
        {
            Close(watch);
            throw;
        }
    }

    private void Close(AlertWatch? watch)
    {
        if (watch is not null)
        {
            watch.Dispose();
            _subscriber.Unwatch(watch.WatchedIds);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Alerts of users could not be loaded ({Count} since the last such line); it is tried again.")]
    private partial void LogFailed(Exception exception, int count);

    /// <summary>A user who may have alerts.</summary>
    private sealed class WatchedFor(long id)
    {
        private readonly Lock _gate = new();
        private bool _isLoading;
        private bool _isLoaded;
        private bool _hasEnded;

        public long Id { get; } = id;

        /// <summary>Milliseconds of the monotonic clock at which the user connected, or its location came, last.</summary>
        public long WantedAt { get; set; }

        /// <summary>Null while it is being loaded, and when there is nothing to watch.</summary>
        public AlertWatch? Watch { get; private set; }

        /// <summary>Completes once the watch before has nothing to tell any more.</summary>
        public Task Told { get; private set; } = Task.CompletedTask;

        /// <summary>The user's friends version that was loaded last; changes up to it are known.</summary>
        public long FriendsVersion { get; private set; }

        /// <summary>Rises with every change: what was loaded before it is not kept.</summary>
        public int Generation { get; private set; }

        public bool TryBeginLoading()
        {
            lock (_gate)
            {
                var begins = !_isLoading && !_isLoaded;
                _isLoading |= begins;
                return begins;
            }
        }

        public void EndLoading()
        {
            lock (_gate)
            {
                _isLoading = false;
            }
        }

        public void Knows(long friendsVersion)
        {
            lock (_gate)
            {
                FriendsVersion = friendsVersion;
            }
        }

        public bool TryKeep(AlertWatch? watch, int generation)
        {
            lock (_gate)
            {
                if (_hasEnded || generation != Generation)
                {
                    return false;
                }

                (Watch, _isLoaded) = (watch, true);
                return true;
            }
        }

        /// <summary>What is known no longer holds; the watch to close.</summary>
        public AlertWatch? Drop()
        {
            lock (_gate)
            {
                var watch = Watch;
                (Watch, _isLoaded) = (null, false);
                Told = watch?.Told ?? Told;
                Generation++;
                return watch;
            }
        }

        /// <summary>Nobody wants it any more; the watch to close.</summary>
        public AlertWatch? End()
        {
            lock (_gate)
            {
                _hasEnded = true;
                var watch = Watch;
                Watch = null;
                return watch;
            }
        }
    }
}
