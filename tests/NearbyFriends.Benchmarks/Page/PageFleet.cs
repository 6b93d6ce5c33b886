using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Page;

/// <summary>An Api that serves the page, and a gateway, as processes of their own.</summary>
internal sealed class PageFleet : IAsyncDisposable
{
    private readonly OwnedParts _parts = new();

    /// <summary>Base address of the Api, and of the page.</summary>
    public Uri Api { get; private set; } = null!;

    /// <summary>Base address of the gateway.</summary>
    public Uri Gateway { get; private set; } = null!;

    public static async Task<PageFleet> StartAsync(Crowd crowd)
    {
        var fleet = new PageFleet();
        try
        {
            var redis = await fleet._parts.OwnAsync(RedisServer.StartAsync());
            var postgres = await fleet._parts.OwnAsync(PostgresServer.StartAsync());
            var users = await postgres.CreateDatabaseAsync("users");
            await crowd.StoreAsync(users);
            (string, string)[] common =
            [
                ("environment", "Development"),
                ("ConnectionStrings:users", users),
                ("ConnectionStrings:history", await postgres.CreateDatabaseAsync("history")),
                ("ConnectionStrings:location-cache", redis.ConnectionString),
                ("ConnectionStrings:history-stream", redis.ConnectionString),
                ("ConnectionStrings:pubsub-0", redis.ConnectionString),
                ("Fanout:Servers:0", "pubsub-0"),
                ("Auth:SigningKey", Crowd.SigningKey),
                ("Logging:LogLevel:Default", "Error"),
            ];
            fleet.Gateway = await fleet.StartServiceAsync("NearbyFriends.Gateway", [.. common, ("Gateway:Origins:0", "*")]);
            fleet.Api = await fleet.StartServiceAsync("NearbyFriends.Api", [.. common, ("Web:Gateway", fleet.Gateway.ToString())]);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task<Uri> StartServiceAsync(string assembly, (string, string)[] settings)
    {
        var service = await _parts.OwnAsync(ServiceProcess.StartListeningAsync(assembly, settings));
        await Readiness.WaitAsync(service.Address!, TimeSpan.FromSeconds(60));
        return service.Address!;
    }
}
