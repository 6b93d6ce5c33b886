using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Timing;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Watching;

/// <summary>
/// Notices that a friend is inactive: no newer location came within <see cref="PresenceOptions.InactiveAfter"/>, from
/// whichever gateway, so it works also when the gateway that held the friend died.
/// </summary>
/// <remarks>
/// The wall clock says how old a location is when it enters the wheel; from then on the monotonic clock counts. So a wall clock
/// that steps back keeps nobody present for longer than <see cref="PresenceOptions.InactiveAfter"/>.
/// </remarks>
public sealed class PresenceWheel : BackgroundService
{
    private const int Slots = 2048;
    private const int TicksToInactive = 1000; // about half the slots, so that nothing comes around early

    private readonly TimeProvider _clock;
    private readonly TimerWheel<(FriendLocation Location, long Time)> _wheel;
    private readonly TimeSpan _tick;

    public PresenceWheel(IOptions<PresenceOptions> presence, TimeProvider clock)
    {
        _clock = clock;
        InactiveAfterMs = (long)presence.Value.InactiveAfter.TotalMilliseconds;
        _tick = TimeSpan.FromMilliseconds(Math.Max(InactiveAfterMs / TicksToInactive, 20));
        _wheel = new((long)_tick.TotalMilliseconds, Slots, clock.MonotonicMilliseconds());
    }

    /// <summary>Milliseconds after which a friend who sent nothing disappears.</summary>
    public long InactiveAfterMs { get; }

    /// <summary>Whether a location counts at <paramref name="now"/> (Unix milliseconds).</summary>
    public bool IsPresent(in FriendState state, long now) => state.HasLocation && state.Location.Time + InactiveAfterMs > now;

    /// <summary>Sees to it that the location of <paramref name="time"/> (Unix milliseconds) disappears in time; to be called whenever it advanced.</summary>
    public void Track(FriendLocation location, long time)
    {
        if (location.BeginAwaitingExpiry())
        {
            var left = Math.Clamp(time + InactiveAfterMs - _clock.UnixMilliseconds(), 0, InactiveAfterMs);
            _wheel.Add((location, time), _clock.MonotonicMilliseconds() + left);
        }
    }

    /// <summary>Tells of who is inactive by now. For one caller.</summary>
    public void Turn() => _wheel.Advance(_clock.MonotonicMilliseconds(), Due);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_tick, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Turn();
        }
    }

    private void Due((FriendLocation Location, long Time) entry)
    {
        var location = entry.Location;
        location.ExpiryDone();
        if (!location.TryExpire(entry.Time))
        {
            var state = location.Read();
            if (state.HasLocation)
            {
                Track(location, state.Location.Time); // it moved since
            }

            return;
        }

        foreach (var (session, friend) in location.Watchers)
        {
            if (friend != Watcher.Self)
            {
                session.FriendChanged(friend, location);
            }
        }
    }
}
