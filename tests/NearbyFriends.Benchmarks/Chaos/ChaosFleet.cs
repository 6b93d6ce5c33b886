using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>How much of everything.</summary>
/// <param name="Users">Clients; a multiple of four.</param>
/// <param name="Gateways">Gateways.</param>
/// <param name="Workers">History workers.</param>
internal readonly record struct ChaosSize(int Users, int Gateways, int Workers);

/// <summary>The whole system as processes of its own, each of which may fail.</summary>
internal sealed class ChaosFleet : IAsyncDisposable
{
    private const int ApiCount = 2;
    private const int PubSubCount = 3; // the last one is a standby

    private readonly OwnedParts _parts = new();
    private readonly List<Victim> _victims = [];

    /// <summary>All that may fail.</summary>
    public IReadOnlyList<Victim> Victims => _victims;

    /// <summary>Where gateways answer, and as what they fail.</summary>
    public IReadOnlyList<(Uri Address, Victim Victim)> Gateways { get; private set; } = [];

    /// <summary>When the database was down, and with it the journal.</summary>
    public Spans JournalOutages => _victims.Single(victim => victim.Name == "postgres").Outages;

    /// <summary>Base addresses of the Apis.</summary>
    public IReadOnlyList<Uri> Apis { get; private set; } = [];

    /// <summary>Connection string of the history's database.</summary>
    public string History { get; private set; } = "";

    /// <summary>Connection string of the stream server.</summary>
    public string Stream { get; private set; } = "";

    /// <summary>Starts everything.</summary>
    public static async Task<ChaosFleet> StartAsync(Crowd crowd, ChaosSize size)
    {
        var fleet = new ChaosFleet();
        var etcd = await fleet.OwnAsync("etcd", EtcdServer.StartAsync());
        var cache = await fleet.OwnAsync("location-cache", RedisServer.StartAsync());
        // A Redis that writes its log once a second may itself lose that second; what is judged here is the rest.
        var stream = await fleet.OwnAsync("history-stream", RedisServer.StartAsync(null, "--appendonly", "yes", "--appendfsync", "always"));
        var postgres = await fleet.OwnAsync("postgres", PostgresServer.StartAsync());
        var users = await postgres.CreateDatabaseAsync("users");
        fleet.History = await postgres.CreateDatabaseAsync("history");
        fleet.Stream = stream.ConnectionString;
        await crowd.StoreAsync(users);
        List<(string, string)> settings =
        [
            ("environment", "Development"),
            ("ConnectionStrings:users", users),
            ("ConnectionStrings:history", fleet.History),
            ("ConnectionStrings:location-cache", cache.ConnectionString),
            ("ConnectionStrings:history-stream", fleet.Stream),
            ("Discovery:Etcd", etcd.Url),
            ("Auth:SigningKey", Crowd.SigningKey),
            ("History:LeaseTime", "00:00:02"),
            ("Logging:LogLevel:Default", "Error"),
        ];
        for (var i = 0; i < PubSubCount; i++)
        {
            var server = await fleet.OwnAsync($"pubsub-{i}", RedisServer.StartAsync());
            settings.Add(($"ConnectionStrings:pubsub-{i}", server.ConnectionString));
            settings.Add((i < PubSubCount - 1 ? $"Fanout:Servers:{i}" : "Fanout:Standbys:0", $"pubsub-{i}"));
        }

        fleet.Apis = await Task.WhenAll(Enumerable.Range(0, ApiCount).Select(async i =>
            (await fleet.OwnAsync($"api-{i}", ServiceProcess.StartListeningAsync("NearbyFriends.Api", [.. settings]))).Address!));
        await Task.WhenAll(Enumerable.Range(0, size.Workers).Select(i =>
            fleet.OwnAsync($"worker-{i}", ServiceProcess.StartAsync("NearbyFriends.HistoryWorker", [.. settings]))));
        await Task.WhenAll(Enumerable.Range(0, size.Gateways).Select(i =>
            fleet.OwnAsync($"gateway-{i}", ServiceProcess.StartListeningAsync("NearbyFriends.Gateway", [.. settings, ("Gateway:Id", $"gateway-{i}")]))));
        fleet._victims.Sort((one, other) => string.CompareOrdinal(one.Name, other.Name)); // they started side by side
        fleet.Gateways = [.. from victim in fleet._victims
                             where victim.Name.StartsWith("gateway-", StringComparison.Ordinal)
                             select (((ServiceProcess)victim.Process).Address!, victim)];
        await fleet.ReadyAsync();
        return fleet;
    }

    /// <summary>Waits until all Apis and gateways are ready.</summary>
    public async Task ReadyAsync()
    {
        foreach (var address in Apis.Concat(Gateways.Select(gateway => gateway.Address)))
        {
            await Readiness.WaitAsync(address, TimeSpan.FromSeconds(60));
        }
    }

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task<T> OwnAsync<T>(string name, Task<T> starting) where T : IKillable, IAsyncDisposable
    {
        var part = await _parts.OwnAsync(starting);
        lock (_victims)
        {
            _victims.Add(new(name, part));
        }

        return part;
    }
}
