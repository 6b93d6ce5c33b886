using NearbyFriends.Core.Locations;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>Flushes each session's outbox when its pace says so: one timer for all sessions of a core, not one each.</summary>
public sealed partial class FlushWheel : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);
    private const int Slots = 2048; // 51 s ahead; the slowest pace is 30 s

    private readonly TimeProvider _clock;
    private readonly ILogger<FlushWheel> _logger;
    private readonly TimerWheel<Session>[] _wheels;

    public FlushWheel(TimeProvider clock, ILogger<FlushWheel> logger)
    {
        _clock = clock;
        _logger = logger;
        _wheels = Enumerable.Range(0, Environment.ProcessorCount)
            .Select(_ => new TimerWheel<Session>((long)Tick.TotalMilliseconds, Slots, clock.UnixMilliseconds()))
            .ToArray();
    }

    /// <summary>Has <paramref name="session"/> flushed at <paramref name="dueAt"/> (Unix milliseconds), to the next tick.</summary>
    public void Add(Session session, long dueAt) => _wheels[(uint)session.GetHashCode() % _wheels.Length].Add(session, dueAt);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_wheels.Select(wheel => TurnAsync(wheel, stoppingToken)));

    private async Task TurnAsync(TimerWheel<Session> wheel, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            wheel.Advance(_clock.UnixMilliseconds(), Flush);
        }
    }

    /// <summary>One session's fault is not the gateway's end.</summary>
    private void Flush(Session session)
    {
        try
        {
            session.FlushDue();
        }
        catch (Exception e)
        {
            LogFailed(e);
            _ = session.CloseAsync(CloseCodes.InternalError, "The session failed.");
        }
    }

    [LoggerMessage(LogLevel.Error, "A session could not be flushed; it is closed.")]
    private partial void LogFailed(Exception exception);
}
