using System.Text.RegularExpressions;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Failover;

/// <summary>Two gateways as processes of their own, and the servers, or the third gateway, that the benchmark takes away from them.</summary>
internal sealed partial class FailoverFleet : IAsyncDisposable
{
    private const int GatewayCount = 2;
    private readonly OwnedParts _parts = new();
    private (string, string)[] _gatewaySettings = [];

    /// <summary>The pub/sub servers by name, standby included; empty on a cluster.</summary>
    public Dictionary<string, RedisServer> PubSub { get; } = new(StringComparer.Ordinal);

    /// <summary>Where the ring is written; null on a cluster.</summary>
    public EtcdServer? Etcd { get; private set; }

    /// <summary>Who changes the ring; null on a cluster.</summary>
    public Operator? Operator { get; private set; }

    /// <summary>The cluster; null with a ring.</summary>
    public RedisCluster? Cluster { get; private set; }

    /// <summary>Base addresses of the gateways.</summary>
    public IReadOnlyList<Uri> Gateways { get; private set; } = [];

    /// <summary>Three pub/sub servers, a standby, etcd.</summary>
    public static async Task<FailoverFleet> StartRingAsync(Crowd crowd)
    {
        var fleet = new FailoverFleet();
        fleet.Etcd = await fleet._parts.OwnAsync(EtcdServer.StartAsync());
        var cache = await fleet._parts.OwnAsync(RedisServer.StartAsync());
        var settings = new List<(string, string)>
        {
            ("Discovery:Etcd", fleet.Etcd.Url),
            ("ConnectionStrings:location-cache", cache.ConnectionString),
            ("ConnectionStrings:history-stream", cache.ConnectionString),
        };
        for (var i = 0; i < 4; i++)
        {
            var name = $"pubsub-{i}";
            fleet.PubSub[name] = await fleet._parts.OwnAsync(RedisServer.StartAsync());
            settings.Add(($"ConnectionStrings:{name}", fleet.PubSub[name].ConnectionString));
            settings.Add((i < 3 ? $"Fanout:Servers:{i}" : "Fanout:Standbys:0", name));
        }

        await fleet.StartGatewaysAsync(crowd, settings);
        fleet.Operator = await fleet._parts.OwnAsync(Operator.StartAsync(settings));
        return fleet;
    }

    /// <summary>A Redis Cluster of three masters with a replica each, which carries fan-out and location cache.</summary>
    public static async Task<FailoverFleet> StartClusterAsync(Crowd crowd)
    {
        var fleet = new FailoverFleet();
        fleet.Cluster = await fleet._parts.OwnAsync(RedisCluster.StartAsync(RedisCluster.ShortNodeTimeout));
        var stream = await fleet._parts.OwnAsync(RedisServer.StartAsync());
        await fleet.StartGatewaysAsync(crowd,
        [
            ("Fanout:Transport", "Cluster"),
            ("ConnectionStrings:redis-cluster", fleet.Cluster.ConnectionString),
            ("LocationCache:Cluster", "true"),
            ("ConnectionStrings:location-cache", fleet.Cluster.ConnectionString),
            ("ConnectionStrings:history-stream", stream.ConnectionString),
        ]);
        return fleet;
    }

    /// <summary>Actors in the gateways, who find each other in the Redis of the location cache.</summary>
    public static async Task<FailoverFleet> StartActorsAsync(Crowd crowd, string channels)
    {
        var fleet = new FailoverFleet();
        var redis = await fleet._parts.OwnAsync(RedisServer.StartAsync());
        await fleet.StartGatewaysAsync(crowd,
        [
            ("Fanout:Transport", "Actors"),
            ("Fanout:Channels", channels),
            ("ConnectionStrings:membership", redis.ConnectionString),
            ("Orleans:Clustering:ProviderType", "Redis"),
            ("Orleans:Clustering:ServiceKey", "membership"),
            ("Orleans:Endpoints:AdvertisedIPAddress", "127.0.0.1"),
            ("ConnectionStrings:location-cache", redis.ConnectionString),
            ("ConnectionStrings:history-stream", redis.ConnectionString),
        ]);
        return fleet;
    }

    /// <summary>Starts one gateway more, to which no client connects.</summary>
    public async Task<ServiceProcess> StartAnotherAsync()
    {
        var process = await StartGatewayAsync("another");
        await ReadyAsync(process);
        return process;
    }

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task StartGatewaysAsync(Crowd crowd, List<(string, string)> servers)
    {
        var postgres = await _parts.OwnAsync(PostgresServer.StartAsync());
        var users = await postgres.CreateDatabaseAsync("users");
        await crowd.StoreAsync(users);
        _gatewaySettings =
        [
            .. servers,
            ("environment", "Development"),
            ("ConnectionStrings:users", users),
            ("Auth:SigningKey", Crowd.SigningKey),
            ("Gateway:Flush", "00:00:00"),
            ("Logging:LogLevel:Default", "Warning"),
            ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"),
        ];
        var processes = new List<ServiceProcess>();
        for (var i = 0; i < GatewayCount; i++)
        {
            processes.Add(await StartGatewayAsync($"gateway-{i}"));
        }

        Gateways = await Task.WhenAll(processes.Select(ReadyAsync));
    }

    private Task<ServiceProcess> StartGatewayAsync(string name) => _parts.OwnAsync(ServiceProcess.StartAsync(
        "NearbyFriends.Gateway", [.. _gatewaySettings, ("Gateway:Id", name), ("Orleans:Endpoints:SiloPort", $"{FreePort.Choose()}")]));

    // It says where it listens; then it must also say that it is ready.
    private static async Task<Uri> ReadyAsync(ServiceProcess process)
    {
        Uri? url = null;
        using var http = new HttpClient();
        try
        {
            await Eventually.True(
                async () =>
                {
                    url ??= Listening().Match(process.Output) is { Success: true } match ? new Uri(match.Groups["url"].Value) : null;
                    return url is not null && (await http.GetAsync(new Uri(url, "health"))).IsSuccessStatusCode;
                },
                "a gateway is ready",
                TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} It wrote:{Environment.NewLine}{process.Output}", e);
        }

        return url!;
    }

    [GeneratedRegex(@"Now listening on: (?<url>http://\S+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Listening();
}
