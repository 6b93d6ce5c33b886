using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using NearbyFriends.Core.Locations;
using NearbyFriends.Gateway.Sessions;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Draining;

/// <summary>
/// Keeps <c>gateway:{id}</c> in the location cache while this gateway lives, with its own address, so that operators and
/// benchmarks can reach each replica behind a balancing proxy.
/// </summary>
public sealed partial class GatewayHeartbeat(
    CacheServers cache, SessionRegistry sessions, Drain drain,
    Microsoft.AspNetCore.Hosting.Server.IServer server,
    IOptions<GatewayOptions> options, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<GatewayHeartbeat> logger) : BackgroundService
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    private string Key => $"gateway:{options.Value.Id}";

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(database => database.KeyDeleteAsync(Key));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var listening = new TaskCompletionSource();
        await using var started = lifetime.ApplicationStarted.Register(listening.SetResult);
        await listening.Task.WaitAsync(stoppingToken); // only then is the address known
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            var state = JsonSerializer.Serialize(new
            {
                url = options.Value.Url ?? server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(),
                sessions = sessions.Count,
                draining = drain.IsDraining,
            });
            await TryAsync(database => database.StringSetAsync(Key, state, Lifetime));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TryAsync(Func<IDatabase, Task> call)
    {
        try
        {
            await call(cache.Of(Key).Database);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The location cache is away; this gateway is not listed: {Reason}")]
    private partial void LogAway(string reason);
}
