using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Timing;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>Has each session look at its strangers when its pace allows, by one timer for all; and forgets who is inactive.</summary>
public sealed partial class StrangerLooks(
    StrangerMap map, IOptions<PresenceOptions> presence, TimeProvider clock, ILogger<StrangerLooks> logger) : BackgroundService
{
    private const int Slots = 512; // 51 s ahead; the slowest pace is 30 s
    private const int SweepsInLifetime = 60; // so that a count is at most so much too high for so long
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly TimerWheel<StrangerWatch> _wheel = new((long)Tick.TotalMilliseconds, Slots, clock.MonotonicMilliseconds());
    private readonly List<StrangerWatch> _due = [];
    private readonly long _sweepEveryMs = (long)presence.Value.InactiveAfter.TotalMilliseconds / SweepsInLifetime;
    private long _sweptAt;

    /// <summary>Has the session look again and again, until it ends.</summary>
    public void Add(StrangerWatch watch) => _wheel.Add(watch, watch.NextLookAt(clock.MonotonicMilliseconds()));

    /// <summary>Does what is due by now. For one caller.</summary>
    public void Turn()
    {
        var now = clock.MonotonicMilliseconds();
        if (now - _sweptAt >= _sweepEveryMs)
        {
            _sweptAt = now;
            map.Sweep();
        }

        _wheel.Advance(now, _due.Add);
        Parallel.ForEach(_due, Look);
        _due.Clear();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Turn();
        }
    }

    /// <summary>A fault of one session does not end the gateway.</summary>
    private void Look(StrangerWatch watch)
    {
        try
        {
            if (watch.Look())
            {
                Add(watch);
            }
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "The strangers of a session could not be updated; the session gets no further updates of them.")]
    private partial void LogFailed(Exception exception);
}
