using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Page;

/// <summary>An Api that serves the page, and a gateway, as processes of their own.</summary>
internal sealed class PageFleet : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    /// <summary>Base address of the Api, and of the page.</summary>
    public Uri Api { get; private set; } = null!;

    /// <summary>Base address of the gateway.</summary>
    public Uri Gateway { get; private set; } = null!;

    public static async Task<PageFleet> StartAsync(Crowd crowd)
    {
        var fleet = new PageFleet();
        try
        {
            var redis = await fleet.OwnAsync(RedisServer.StartAsync());
            var postgres = await fleet.OwnAsync(PostgresServer.StartAsync());
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

    private async Task<T> OwnAsync<T>(Task<T> starting)
        where T : IAsyncDisposable
    {
        var part = await starting;
        _parts.Add(part);
        return part;
    }
}
