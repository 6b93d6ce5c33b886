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

    private readonly OwnedParts _parts = new();

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
            await fleet._parts.OwnAsync(RedisServer.StartAsync()), await fleet._parts.OwnAsync(RedisServer.StartAsync()), await fleet._parts.OwnAsync(RedisServer.StartAsync()));
        await cache.CommandAsync(RefuseTombstones);
        var postgres = await fleet._parts.OwnAsync(PostgresServer.StartAsync());
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

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task<Uri> StartServiceAsync(string assembly, (string, string)[] settings)
    {
        var service = await _parts.OwnAsync(ServiceProcess.StartListeningAsync(assembly, settings));
        await Readiness.WaitAsync(service.Address!, TimeSpan.FromSeconds(60));
        return service.Address!;
    }
}
