using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NearbyFriends.ServiceDefaults.Servers;
using NearbyFriends.TestServers;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Registration;

public class ServerRegistrationTests(Servers servers)
{
    [Fact]
    public async Task A_redis_server_is_registered_under_its_name()
    {
        using var host = await StartAsync("location-cache", (await servers.RedisAsync()).ConnectionString, builder => builder.AddRedisServer("location-cache"));

        var redis = host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("location-cache");
        await redis.GetDatabase().PingAsync();

        Assert.Equal(HealthStatus.Healthy, await HealthAsync(host));
    }

    [Fact]
    public async Task A_database_is_registered_under_its_name()
    {
        using var host = await StartAsync("users", await servers.NewDatabaseAsync(), builder => builder.AddPostgresDatabase("users"));

        await using var ask = host.Services.GetRequiredKeyedService<NpgsqlDataSource>("users").CreateCommand("select application_name from pg_stat_activity where pid = pg_backend_pid()");

        Assert.EndsWith(" test-service", (string?)await ask.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(host));
    }

    [Fact]
    public async Task A_service_starts_while_a_pub_sub_server_is_away_and_uses_it_when_it_comes()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        using var host = await StartAsync("pubsub-0", server.ConnectionString, builder =>
        {
            builder.Configuration["Fanout:Servers:0"] = "pubsub-0";
            builder.AddPubSubServers();
        });

        var redis = host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("pubsub-0");
        await Assert.ThrowsAsync<RedisConnectionException>(() => redis.GetDatabase().PingAsync());
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(host));

        await server.RestartAsync();
        await Eventually.True(() => redis.IsConnected, "the connection is made", TimeSpan.FromSeconds(30));
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(host));
    }

    [Fact]
    public async Task A_service_is_degraded_while_its_database_is_unavailable()
    {
        await using var postgres = await PostgresServer.StartAsync();
        using var host = await StartAsync("users", await postgres.CreateDatabaseAsync("users"), builder => builder.AddPostgresDatabase("users"));
        await postgres.KillAsync();

        Assert.Equal(HealthStatus.Degraded, await HealthAsync(host));

        await postgres.RestartAsync();
        await Eventually.True(async () => await HealthAsync(host) == HealthStatus.Healthy, "the service is healthy again");
    }

    [Fact]
    public async Task Who_starts_says_when_all_pools_together_are_more_than_the_database_takes()
    {
        var log = new Warnings();
        var database = await servers.NewDatabaseAsync();
        using var host = await StartAsync("users", database, builder =>
        {
            builder.Configuration["Postgres:PoolSize"] = "1000";
            builder.Logging.AddProvider(log);
            builder.AddPostgresDatabase("users");
        });

        await Eventually.True(() => !log.Lines.IsEmpty, "the service warns");

        Assert.Contains("lower Postgres:PoolSize", log.Lines.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_starts_says_when_a_server_that_must_keep_would_evict()
    {
        var log = new Warnings();
        await using var server = await RedisServer.StartAsync(null, "--maxmemory", "64mb", "--maxmemory-policy", "volatile-ttl");
        using var host = await StartAsync("location-cache", server.ConnectionString, builder =>
        {
            builder.Logging.AddProvider(log);
            builder.AddRedisServerThatKeeps("location-cache");
        });

        await Eventually.True(() => !log.Lines.IsEmpty, "the service warns");

        Assert.Contains("(maxmemory-policy volatile-ttl): set maxmemory-policy noeviction", log.Lines.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_end_with_the_service()
    {
        var host = await StartAsync("location-cache", (await servers.RedisAsync()).ConnectionString, builder => builder.AddRedisServer("location-cache"));
        var redis = host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("location-cache");

        await ((IAsyncDisposable)host).DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => redis.GetDatabase().PingAsync());
    }

    private static async Task<IHost> StartAsync(string name, string connectionString, Action<HostApplicationBuilder> add)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "test-service", DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>($"ConnectionStrings:{name}", connectionString)]);
        add(builder);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    private static async Task<HealthStatus> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Status;

    /// <summary>What the checks at start warned about.</summary>
    private sealed class Warnings : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) =>
            categoryName.StartsWith("NearbyFriends.ServiceDefaults.Servers.", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
