using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Messages;

/// <summary>Whole gateways in this process, where their metrics can be read, with servers of their own.</summary>
internal sealed class GatewaysInProcess : IAsyncDisposable
{
    private readonly OwnedParts _parts = new();

    /// <summary>Base addresses of the gateways.</summary>
    public IReadOnlyList<Uri> Urls { get; private set; } = [];

    /// <summary>Starts gateways for a crowd, which is put into their database.</summary>
    public static async Task<GatewaysInProcess> StartAsync(Crowd crowd, int count, params (string Key, string Value)[] settings)
    {
        var system = new GatewaysInProcess();
        var redis = await system._parts.OwnAsync(RedisServer.StartAsync());
        var postgres = await system._parts.OwnAsync(PostgresServer.StartAsync());
        var users = await postgres.CreateDatabaseAsync("users");
        await crowd.StoreAsync(users);
        (string, string)[] all =
        [
            ("ConnectionStrings:users", users),
            ("ConnectionStrings:location-cache", redis.ConnectionString),
            ("ConnectionStrings:history-stream", redis.ConnectionString),
            ("ConnectionStrings:pubsub-0", redis.ConnectionString),
            ("Fanout:Servers:0", "pubsub-0"),
            ("Auth:SigningKey", Crowd.SigningKey),
            ("Logging:LogLevel:Default", "Warning"),
            ("Logging:LogLevel:Microsoft.AspNetCore", "Warning"),
            .. settings,
        ];
        var hosts = Enumerable.Range(0, count).Select(index => system._parts.Own(new Host([.. all, ("Gateway:Id", $"gateway-{index}")]))).ToList();
        foreach (var host in hosts)
        {
            host.UseKestrel(0);
            host.StartServer();
        }

        system.Urls = hosts.ConvertAll(host => host.ClientOptions.BaseAddress);
        return system;
    }

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private sealed class Host((string Key, string Value)[] settings) : WebApplicationFactory<Gateway.GatewayOptions>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            foreach (var (key, value) in settings)
            {
                builder.UseSetting(key, value);
            }
        }
    }
}
