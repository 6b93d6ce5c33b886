using System.Globalization;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Releases;

/// <summary>Three gateways as processes of their own behind a balancer, which are replaced by newer ones.</summary>
internal sealed class ReleaseFleet : IAsyncDisposable
{
    /// <summary>How many gateways.</summary>
    public const int Size = 3;

    private readonly OwnedParts _parts = new();
    private readonly ServiceProcess[] _gateways = new ServiceProcess[Size];
    private (string, string)[] _settings = [];
    private HaProxyServer _balancer = null!;

    /// <summary>What clients connect to.</summary>
    public Uri Address => _balancer.Address;

    /// <summary>Starts all of it.</summary>
    /// <param name="crowd">Whose users they have.</param>
    /// <param name="drainPerSecond">Sessions that a stopping gateway sends elsewhere each second.</param>
    public static async Task<ReleaseFleet> StartAsync(Crowd crowd, int drainPerSecond)
    {
        var fleet = new ReleaseFleet();
        var postgres = await fleet._parts.OwnAsync(PostgresServer.StartAsync());
        var users = await postgres.CreateDatabaseAsync("users");
        await crowd.StoreAsync(users);
        var cache = await fleet._parts.OwnAsync(RedisServer.StartAsync());
        fleet._balancer = await fleet._parts.OwnAsync(HaProxyServer.StartAsync(Size));
        fleet._settings =
        [
            ("environment", "Development"),
            ("ConnectionStrings:users", users),
            ("ConnectionStrings:location-cache", cache.ConnectionString),
            ("ConnectionStrings:history-stream", cache.ConnectionString),
            ("ConnectionStrings:pubsub-0", (await fleet._parts.OwnAsync(RedisServer.StartAsync())).ConnectionString),
            ("Fanout:Servers:0", "pubsub-0"),
            ("Auth:SigningKey", Crowd.SigningKey),
            ("Gateway:Flush", "00:00:00"),
            ("Gateway:DrainDelay", "00:00:05"), // the default, which Development shortens
            ("Gateway:DrainTime", "00:08:00"),
            ("Gateway:DrainPerSecond", drainPerSecond.ToString(CultureInfo.InvariantCulture)),
            ("Logging:LogLevel:Default", "Warning"),
        ];
        await Task.WhenAll(Enumerable.Range(0, Size).Select(slot => fleet.StartAsync(slot, version: 1)));
        return fleet;
    }

    /// <summary>Stops a gateway as an orchestrator does, and puts one of the next version in its place.</summary>
    public async Task ReplaceAsync(int slot)
    {
        await _gateways[slot].TerminateAsync();
        await StartAsync(slot, version: 2);
    }

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task StartAsync(int slot, int version)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"gateway-{slot}-v{version}");
        _gateways[slot] = await _parts.OwnAsync(ServiceProcess.StartListeningAsync(
            "NearbyFriends.Gateway", [.. _settings, ("Gateway:Id", name), ("Gateway:Version", version.ToString(CultureInfo.InvariantCulture))]));
        await _balancer.PutAsync(slot, _gateways[slot].Address!);
        await Eventually.True(() => _balancer.IsUpAsync(slot), "the balancer sees the gateway", TimeSpan.FromSeconds(60));
    }
}
