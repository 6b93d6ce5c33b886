using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NearbyFriends.LocationCache;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Locations;

/// <summary>The Redis of a <see cref="LocationCacheContract"/>.</summary>
public abstract class CacheServers : IAsyncLifetime
{
    private ConnectionMultiplexer _connection = null!;

    protected abstract bool IsCluster { get; }

    protected abstract IEnumerable<RedisServer> Nodes { get; }

    /// <summary>The cache, on a clock that stands still: without a test that advances it, an answer may take as long as it takes.</summary>
    public RedisLocationCache NewCache(FakeTimeProvider? clock = null) => new(
        _connection, Options.Create(new LocationCacheOptions { Cluster = IsCluster }), Options.Create(new PresenceOptions()),
        clock ?? new FakeTimeProvider(DateTimeOffset.UtcNow));

    /// <summary>No command is answered any more.</summary>
    public Task PauseAsync() => OnAllAsync("CLIENT PAUSE 60000 ALL");

    public Task ResumeAsync() => OnAllAsync("CLIENT UNPAUSE");

    public async ValueTask InitializeAsync() => _connection = await ConnectionMultiplexer.ConnectAsync(await StartAsync());

    public virtual async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>The connection string.</returns>
    protected abstract Task<string> StartAsync();

    private Task<string[]> OnAllAsync(string command) => Task.WhenAll(Nodes.Select(node => node.CommandAsync(command)));
}

public sealed class OneCacheServer : CacheServers
{
    private RedisServer _server = null!;

    protected override bool IsCluster => false;

    protected override IEnumerable<RedisServer> Nodes => [_server];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    protected override async Task<string> StartAsync() => (_server = await RedisServer.StartAsync()).ConnectionString;
}

public sealed class CacheCluster : CacheServers
{
    private RedisCluster _cluster = null!;

    protected override bool IsCluster => true;

    protected override IEnumerable<RedisServer> Nodes => _cluster.Nodes;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    protected override async Task<string> StartAsync() => (_cluster = await RedisCluster.StartAsync()).ConnectionString;
}
