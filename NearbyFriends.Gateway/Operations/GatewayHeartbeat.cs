using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Ring;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Draining;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.Gateway.Telemetry;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Operations;

/// <summary>
/// Keeps this gateway in the <see cref="GatewayDirectory"/> while it lives, and does what operators ask of it there.
/// </summary>
public sealed partial class GatewayHeartbeat(
    GatewayDirectory directory, SessionRegistry sessions, LiveFigures figures, RingState ring, Drain drain, JournalProgress journal,
    Microsoft.AspNetCore.Hosting.Server.IServer server,
    IOptions<GatewayOptions> options, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<GatewayHeartbeat> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(() => directory.LeaveAsync(options.Value.Id));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var listening = new TaskCompletionSource();
        await using var started = lifetime.ApplicationStarted.Register(listening.SetResult);
        await listening.Task.WaitAsync(stoppingToken); // only then is the address known
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            await TryAsync(BeatAsync);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task BeatAsync()
    {
        var now = figures.Turn();
        var wantsDrain = await directory.BeatAsync(new(
            options.Value.Id,
            options.Value.Url ?? server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(),
            options.Value.Version,
            sessions.Count,
            drain.IsDraining,
            ring.AppliedEpoch,
            now.UpdatesPerSecond,
            now.DeliveriesPerSecond,
            now.OutboxP50Ms,
            now.OutboxP99Ms,
            now.P50Ms,
            now.P99Ms,
            Math.Round(journal.Age.TotalSeconds, 1)));
        if (wantsDrain || journal.IsCutOff)
        {
            drain.Begin();
        }
        else
        {
            drain.End();
        }
    }

    private async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException) // the last: a host that is stopped again
        {
            LogAway(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The location cache is unavailable; this gateway is not listed: {Reason}")]
    private partial void LogAway(string reason);
}
