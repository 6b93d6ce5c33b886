using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Timing;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Watching;

/// <summary>
/// Notices that a friend is inactive: no newer location came within <see cref="PresenceOptions.InactiveAfter"/>, from
/// whichever gateway, so it works also when the gateway that held the friend died.
/// </summary>
public sealed class PresenceWheel : BackgroundService
{
    private const int Slots = 2048;

    private readonly TimeProvider _clock;
    private readonly TimerWheel<FriendLocation> _wheel;
    private readonly TimeSpan _tick;

    public PresenceWheel(IOptions<PresenceOptions> presence, TimeProvider clock)
    {
        _clock = clock;
        InactiveAfterMs = (long)presence.Value.InactiveAfter.TotalMilliseconds;
        _tick = TimeSpan.FromMilliseconds(Math.Clamp(InactiveAfterMs / 1000, 20, 1000));
        _wheel = new TimerWheel<FriendLocation>((long)_tick.TotalMilliseconds, Slots, clock.UnixMilliseconds());
    }

    /// <summary>Milliseconds after which a friend who sent nothing disappears.</summary>
    public long InactiveAfterMs { get; }

    /// <summary>Whether a location counts at <paramref name="now"/> (Unix milliseconds).</summary>
    public bool IsPresent(in FriendState state, long now) => state.HasLocation && state.Location.Time + InactiveAfterMs > now && state.SharesAt(now);

    /// <summary>Sees to it that the location of <paramref name="time"/> (Unix milliseconds) disappears in time; to be called whenever it advanced.</summary>
    public void Track(FriendLocation location, long time)
    {
        if (location.BeginAwaitingExpiry())
        {
            _wheel.Add(location, time + InactiveAfterMs);
        }
    }

    /// <summary>Tells of who is inactive by now. For one caller.</summary>
    public void Turn() => _wheel.Advance(_clock.UnixMilliseconds(), Due);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_tick, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Turn();
        }
    }

    private void Due(FriendLocation location)
    {
        location.ExpiryDone();
        var now = _clock.UnixMilliseconds();
        if (!location.TryExpire(now - InactiveAfterMs))
        {
            var state = location.Read();
            if (state.HasLocation)
            {
                Track(location, state.Location.Time); // it moved since, or the wheel does not reach that far
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
