using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Timing;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>Flushes each session's outbox when its pace says so: one timer for all sessions, not one each.</summary>
public sealed partial class FlushWheel(
    Standstill standstill, IOptions<GatewayOptions> options, TimeProvider clock, ILogger<FlushWheel> logger) : BackgroundService
{
    private const int Slots = 2048; // 51 s ahead at least; the slowest pace is 30 s
    private const int Few = 64; // sessions that one core flushes sooner than another one wakes up

    private readonly TimerWheel<Outbox> _wheel = new((long)options.Value.Tick.TotalMilliseconds, Slots, clock.MonotonicMilliseconds());
    private readonly List<Outbox> _due = [];

    /// <summary>Milliseconds between two ticks.</summary>
    public long TickMs => _wheel.TickMilliseconds;

    /// <summary>Has <paramref name="outbox"/> flushed at <paramref name="dueAt"/> (milliseconds of the monotonic clock), to the next tick.</summary>
    public void Add(Outbox outbox, long dueAt) => _wheel.Add(outbox, dueAt);

    /// <summary>Flushes what is due by now; after a standstill nothing, until it is over. For one caller.</summary>
    public void Turn()
    {
        standstill.Tick();
        if (!standstill.IsOver)
        {
            return;
        }

        _wheel.Advance(clock.MonotonicMilliseconds(), _due.Add);
        if (_due.Count <= Few)
        {
            _due.ForEach(Flush);
        }
        else
        {
            Parallel.ForEach(_due, Flush);
        }

        _due.Clear();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(TickMs), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Turn();
        }
    }

    /// <summary>A fault of one session does not end the gateway.</summary>
    private void Flush(Outbox outbox)
    {
        try
        {
            outbox.FlushDue();
        }
        catch (Exception e)
        {
            LogFailed(e);
            _ = outbox.CloseConnectionAsync(CloseCodes.InternalError, "The session failed.");
        }
    }

    [LoggerMessage(LogLevel.Error, "A session could not be flushed; it is closed.")]
    private partial void LogFailed(Exception exception);
}
