using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Journal;

/// <summary>
/// An Api and two gateways as processes of their own, between which only the database works: the Api announces to a pub/sub
/// server that no gateway hears, and may not write locations into the cache.
/// </summary>
internal sealed class JournalFleet : IAsyncDisposable
{
    private const int GatewayCount = 2;
    private const string RefuseTombstones = "ACL SETUSER api on >secret ~ticket:* ~nearby:* %R~* &* +@all";

    private readonly List<IAsyncDisposable> _parts = [];

    /// <summary>Base address of the Api.</summary>
    public Uri Api { get; private set; } = null!;

    /// <summary>Base addresses of the gateways.</summary>
    public IReadOnlyList<Uri> Gateways { get; private set; } = [];

    /// <summary>Connection string of the database of users.</summary>
    public string Users { get; private set; } = "";

    public static async Task<JournalFleet> StartAsync(Crowd crowd)
    {
        var fleet = new JournalFleet();
        var (cache, heard, unheard) = (
            await fleet.OwnAsync(RedisServer.StartAsync()), await fleet.OwnAsync(RedisServer.StartAsync()), await fleet.OwnAsync(RedisServer.StartAsync()));
        await cache.CommandAsync(RefuseTombstones);
        var postgres = await fleet.OwnAsync(PostgresServer.StartAsync());
        fleet.Users = await postgres.CreateDatabaseAsync("users");
        await crowd.StoreAsync(fleet.Users);
        (string, string)[] common =
        [
            ("environment", "Development"),
            ("ConnectionStrings:users", fleet.Users),
            ("Fanout:Servers:0", "pubsub-0"),
            ("Auth:SigningKey", Crowd.SigningKey),
            ("Logging:LogLevel:Default", "Error"),
        ];
        fleet.Api = await fleet.StartServiceAsync(
            "NearbyFriends.Api",
            [
                .. common,
                ("ConnectionStrings:history", await postgres.CreateDatabaseAsync("history")),
                ("ConnectionStrings:location-cache", $"127.0.0.1:{cache.Port},user=api,password=secret"),
                ("ConnectionStrings:pubsub-0", unheard.ConnectionString),
            ]);
        fleet.Gateways = await Task.WhenAll(Enumerable.Range(0, GatewayCount).Select(gateway => fleet.StartServiceAsync(
            "NearbyFriends.Gateway",
            [
                .. common,
                ("Gateway:Id", $"gateway-{gateway}"),
                ("Gateway:Flush", "00:00:00"),
                ("ConnectionStrings:location-cache", cache.ConnectionString),
                ("ConnectionStrings:history-stream", cache.ConnectionString),
                ("ConnectionStrings:pubsub-0", heard.ConnectionString),
            ])));
        return fleet;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }
    }

    private async Task<Uri> StartServiceAsync(string assembly, (string, string)[] settings)
    {
        var service = await OwnAsync(ServiceProcess.StartListeningAsync(assembly, settings));
        using var http = new HttpClient();
        await Eventually.True(
            async () => (await http.GetAsync(new Uri(service.Address!, "health"))).IsSuccessStatusCode, $"{assembly} is ready", TimeSpan.FromSeconds(60));
        return service.Address!;
    }

    private async Task<T> OwnAsync<T>(Task<T> starting) where T : IAsyncDisposable
    {
        var part = await starting;
        lock (_parts)
        {
            _parts.Add(part);
        }

        return part;
    }
}
