using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Alerts;

/// <summary>
/// Watches, for one user, the friends that its alerts are about, and notices who enters another range. The user needs no session.
/// </summary>
/// <remarks>
/// What it knows of friends never changes: a change of the user's friends, of what they show, or of its alerts makes a new one. It asks
/// to be told of a friend's range at most once at a time, and again when the range is another by then.
/// </remarks>
public sealed class AlertWatch : IWatchingSession, IDisposable
{
    // A friend who stays where it is must not be forgotten.
    private static readonly TimeSpan TellAgainAfter = Approaches.UnseenAfter / 4;

    private readonly Lock _gate = new();
    private readonly WatchIndex _index;
    private readonly PresenceWheel _presence;
    private readonly TimeProvider _clock;
    private readonly Func<Sighting, Task<bool>> _enter;
    private readonly Watched[] _friends;
    private readonly int _selfHandle;
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _telling;
    private bool _isClosed;

    /// <param name="user">The user, with friends and alerts.</param>
    /// <param name="index">Where it watches.</param>
    /// <param name="presence">Knows who is inactive.</param>
    /// <param name="clock">The time.</param>
    /// <param name="enter">Takes a friend's new range; false if that failed and is to be tried again.</param>
    public AlertWatch(UserFriends user, WatchIndex index, PresenceWheel presence, TimeProvider clock, Func<Sighting, Task<bool>> enter)
    {
        (_index, _presence, _clock, _enter) = (index, presence, clock, enter);
        UserId = user.Id;
        _friends =
        [
            .. from friend in user.Friends
               let rule = RuleAbout(user.Alerts, friend)
               where rule is not null
               select new Watched(friend, rule.Value, user.Sees.GetValueOrDefault(friend)),
        ];
        Number = index.Enter(this);
        _selfHandle = index.Watch(user.Id, this, Watcher.Self);
        Own = index.Find(user.Id)!;
        for (var i = 0; i < _friends.Length; i++)
        {
            _friends[i].Handle = index.Watch(_friends[i].UserId, this, i);
        }
    }

    public long UserId { get; }

    public int Number { get; }

    /// <summary>The user's own location.</summary>
    public FriendLocation Own { get; }

    /// <summary>The user and all friends that the alerts are about.</summary>
    public long[] WatchedIds => [UserId, .. _friends.Select(friend => friend.UserId)];

    public void Touch(int friend)
    {
        // a few users have alerts: not worth it
    }

    public bool FriendMoved(int friend, FriendLocation location, in Location moved)
    {
        Look(friend);
        return false; // nobody is shown anything
    }

    public bool FriendChanged(int friend, FriendLocation location)
    {
        Look(friend);
        return false;
    }

    public void OwnMoved()
    {
        for (var i = 0; i < _friends.Length; i++)
        {
            Look(i);
        }
    }

    public void OwnSharingSwitched(bool sharing, long until)
    {
        // who does not share has no location that counts
    }

    /// <summary>Whether the user may still be told that this friend is near, and how near it is; null if not.</summary>
    public double? DistanceTo(long friendId) =>
        Array.FindIndex(_friends, friend => friend.UserId == friendId) is >= 0 and var friend ? LockedDistanceTo(friend) : null;

    /// <summary>Completes once it is closed and nothing that it saw is being told any more.</summary>
    public Task Told => _told.Task;

    /// <summary>Leaves the index; no more ranges are told.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            CompleteIfTold();
        }

        for (var i = 0; i < _friends.Length; i++)
        {
            _index.Unwatch(_friends[i].Handle!.Value, this, i);
        }

        _index.Unwatch(_selfHandle, this, Watcher.Self);
        _index.Leave(Number);
    }

    private double? LockedDistanceTo(int number)
    {
        lock (_gate)
        {
            return _isClosed ? null : DistanceTo(number);
        }
    }

    private static AlertRule? RuleAbout(IReadOnlyDictionary<long, AlertRule> rules, long friend) =>
        rules.TryGetValue(friend, out var own) ? own : rules.TryGetValue(AlertRule.Anyone, out var anyone) ? anyone : null;

    private void Look(int number)
    {
        var friend = _friends[number];
        if (TakeSighting(number) is { } sighting)
        {
            _ = TellAsync(number, friend, sighting);
        }
    }

    private async Task TellAsync(int number, Watched friend, Sighting sighting)
    {
        var isTaken = false;
        try
        {
            isTaken = await _enter(sighting);
        }
        finally
        {
            lock (_gate)
            {
                friend.IsTelling = false;
                friend.Told = isTaken ? sighting.Proximity : null;
                friend.ToldAt = _clock.UnixMilliseconds();
                _telling--;
                CompleteIfTold();
            }
        }

        if (isTaken)
        {
            Look(number); // it may have moved on meanwhile
        }
    }

    private void CompleteIfTold()
    {
        if (_isClosed && _telling == 0)
        {
            _told.TrySetResult();
        }
    }

    /// <summary>What there is to tell of a friend now; null for nothing, or while something is being told.</summary>
    private Sighting? TakeSighting(int number)
    {
        var friend = _friends[number];
        lock (_gate)
        {
            if (_isClosed || friend.IsTelling || DistanceTo(number) is not { } distance)
            {
                return null;
            }

            var proximity = Approach.ProximityOf(distance, friend.Rule.WithinMetres);
            if (proximity == friend.Told && _clock.UnixMilliseconds() - friend.ToldAt < (long)TellAgainAfter.TotalMilliseconds)
            {
                return null;
            }

            friend.IsTelling = true;
            _telling++;
            return new(this, friend.UserId, proximity, TimeSpan.FromSeconds(friend.Rule.CooldownSeconds));
        }
    }

    /// <summary>
    /// Metres to a friend; null unless both share, are active, and the friend shows its exact position. Under the lock: when the watch is
    /// closed, its handles may name others.
    /// </summary>
    private double? DistanceTo(int number)
    {
        var (friend, now) = (_friends[number], _clock.UnixMilliseconds());
        return friend.Handle is { } handle
            && friend.Sees.At(now) == Visibility.Exact
            && Own.Read() is { IsSharing: true } own && _presence.IsPresent(own, now)
            && _index.LocationOf(handle)?.Read() is { IsSharing: true } other && _presence.IsPresent(other, now)
            ? GreatCircle.DistanceMetres(own.Location.Position, other.Location.Position)
            : null;
    }

    /// <summary>A friend that an alert is about, and what was told of it.</summary>
    private sealed class Watched(long userId, AlertRule rule, FriendVisibility sees)
    {
        public long UserId { get; } = userId;

        /// <summary>In the index; null until it is watched, which others may learn of first.</summary>
        public int? Handle { get; set; }

        public AlertRule Rule { get; } = rule;

        public FriendVisibility Sees { get; } = sees;

        public Proximity? Told { get; set; }

        public long ToldAt { get; set; }

        public bool IsTelling { get; set; }
    }
}

/// <summary>A friend is in another range than before.</summary>
/// <param name="Watch">Of the user.</param>
/// <param name="FriendId">The friend.</param>
/// <param name="Proximity">Where it is now.</param>
/// <param name="Cooldown">Of the alert about it.</param>
public readonly record struct Sighting(AlertWatch Watch, long FriendId, Proximity Proximity, TimeSpan Cooldown);
