using Microsoft.Extensions.Options;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.LocationCache;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Locations;

/// <summary>The location cache on three servers.</summary>
public sealed class ShardedCacheTests : IAsyncLifetime
{
    private static readonly string[] Names = ["location-cache", "location-cache-1", "location-cache-2"];

    private readonly Dictionary<string, RedisServer> _redis = [];
    private readonly Dictionary<string, IConnectionMultiplexer> _connections = [];
    private readonly long[] _users = [.. Enumerable.Range(0, 200).Select(_ => Servers.NewUserId())];
    private readonly Location _here = Location.FromDegrees(1, 2, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    private CacheServers _servers = null!;
    private RedisLocationCache _cache = null!;

    public async ValueTask InitializeAsync()
    {
        foreach (var name in Names)
        {
            _redis[name] = await RedisServer.StartAsync();
            var options = ConfigurationOptions.Parse(_redis[name].ConnectionString);
            options.BacklogPolicy = BacklogPolicy.FailFast;
            _connections[name] = await ConnectionMultiplexer.ConnectAsync(options);
        }

        var presence = Options.Create(new PresenceOptions());
        _servers = new(
            Options.Create(new LocationCacheOptions { Servers = Names }), Options.Create(new FanoutOptions()), name => _connections[name], presence, TimeProvider.System);
        _cache = new(_servers, presence, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
            await connection.DisposeAsync();

        foreach (var server in _redis.Values)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task Every_server_holds_its_share_and_reads_find_all_in_order()
    {
        await WriteAllAsync();

        foreach (var name in Names)
            Assert.InRange(await SizeAsync(name), 20, 120);

        var cached = await _cache.ReadAsync(_users);
        Assert.True(cached.IsComplete);
        Assert.All(_users.Index(), user => Assert.Equal(user.Index + 1, cached[user.Index]!.Value.SharingVersion));
        Assert.DoesNotContain(true, _users.Select((_, index) => cached.IsDoubtful(index)));
    }

    [Fact]
    public async Task A_read_asks_each_server_once()
    {
        await WriteAllAsync();
        var before = await CommandsAsync();

        await _cache.ReadAsync(_users);

        Assert.Equal(Names.Length, await CommandsAsync() - before);
    }

    [Fact]
    public async Task A_server_that_is_away_takes_only_its_own_users_with_it()
    {
        await WriteAllAsync();
        await _redis[Names[1]].KillAsync();

        var cached = await _cache.ReadAsync(_users);

        Assert.False(cached.IsComplete);
        Assert.All(_users.Index(), user => Assert.Equal(_servers.Of(user.Item).Name == Names[1], cached[user.Index] is null));
        Assert.All(_users.Index(), user => Assert.Equal(_servers.Of(user.Item).Name == Names[1], cached.IsDoubtful(user.Index)));
    }

    [Fact]
    public async Task A_server_that_was_away_is_filled_by_the_next_updates_and_doubted_for_a_while()
    {
        await WriteAllAsync();
        await _redis[Names[1]].RestartAsync();
        await Eventually.True(async () => (await _cache.ReadAsync(_users)).IsComplete, "the server is back");

        await WriteAllAsync();

        var cached = await _cache.ReadAsync(_users);
        Assert.All(_users.Index(), user => Assert.NotNull(cached[user.Index]));
        Assert.All(_users.Index(), user => Assert.Equal(_servers.Of(user.Item).Name == Names[1], cached.IsDoubtful(user.Index)));
    }

    [Fact]
    public async Task Locations_that_are_written_together_are_judged_one_by_one_in_their_order()
    {
        var shard = _cache.Shards[1];
        var users = _users.Where(user => _cache.ShardOf(user) == shard).Take(3).ToArray();
        var later = _here with { Time = _here.Time + 1 };
        await _cache.HideAsync(users[1], 2);

        var written = await _cache.WriteAsync(
            shard,
            [new(users[0], 1, _here), new(users[0], 1, later), new(users[0], 1, _here), new(users[1], 2, _here), new(users[2], 1, _here)]);

        Assert.Equal([LocationWrite.Current, LocationWrite.Current, LocationWrite.Older, LocationWrite.Hidden, LocationWrite.Current], written);
        Assert.Equal(later, (await _cache.ReadAsync(users[0]))!.Value.Location);
        Assert.Equal(_here, (await _cache.ReadAsync(users[2]))!.Value.Location);
    }

    private Task<LocationWrite[]> WriteAllAsync() => Task.WhenAll(_users.Select((user, index) => _cache.WriteAsync(user, index + 1, _here)));

    private async Task<long> SizeAsync(string name) => (long)await _connections[name].GetDatabase().ExecuteAsync("DBSIZE");

    private async Task<long> CommandsAsync()
    {
        var mget = 0L;
        foreach (var connection in _connections.Values)
        {
            foreach (var line in (await connection.GetServers()[0].InfoAsync("commandstats")).SelectMany(group => group))
            {
                if (line.Key is "cmdstat_mget" or "cmdstat_get")
                    mget += long.Parse(line.Value.Split([',', '='])[1]);
            }
        }

        return mget;
    }
}
