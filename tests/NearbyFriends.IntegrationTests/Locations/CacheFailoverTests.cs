using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Locations;

/// <summary>The location cache's server dies, and its replica takes over.</summary>
public sealed class CacheFailoverTests(Servers servers) : IAsyncLifetime
{
    private const double Latitude = 59.3293;
    private const double Longitude = 18.0686;

    private EtcdServer _etcd = null!;
    private RedisServer _primary = null!;
    private RedisServer _replica = null!;
    private NearbySystem _system = null!;

    public async ValueTask InitializeAsync()
    {
        _etcd = await EtcdServer.StartAsync();
        _primary = await RedisServer.StartAsync();
        _replica = await RedisServer.StartAsync();
        _system = await NearbySystem.StartAsync(
            servers,
            ("Discovery:Etcd", _etcd.Url), ("Fanout:DeadAfter", "00:00:01"),
            ("LocationCache:Servers:0", "location-cache"), ("LocationCache:Replicas:0", "location-cache-replica"),
            ("ConnectionStrings:location-cache", _primary.ConnectionString), ("ConnectionStrings:location-cache-replica", _replica.ConnectionString));
        await FollowsAsync(_replica, _primary);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        await _primary.DisposeAsync();
        await _replica.DisposeAsync();
        await _etcd.DisposeAsync();
    }

    [Fact]
    public async Task When_the_server_dies_lists_come_from_its_replica()
    {
        var (a, b) = await _system.NewFriendsAsync();
        await VisitAsync(b);
        await HasAsync(_replica, b);

        await _primary.KillAsync();

        await Eventually.True(async () => await ListAsync(a) is [var id] && id == b.Id, "a list, not partial, has the friend");
    }

    [Fact]
    public async Task A_server_that_returns_follows_the_one_that_took_its_place_and_takes_over_in_turn()
    {
        var (a, b) = await _system.NewFriendsAsync();
        await _primary.KillAsync();
        await RoleAsync(_replica, "master");
        await _primary.RestartAsync();
        await FollowsAsync(_primary, _replica);

        await Eventually.True(
            async () =>
            {
                await VisitAsync(b);
                return await _replica.CommandAsync($"EXISTS loc:{b.Id}") == "1";
            },
            "the new primary takes locations");
        await HasAsync(_primary, b);
        await _replica.KillAsync();

        await Eventually.True(async () => await ListAsync(a) is [var id] && id == b.Id, "a list, not partial, has the friend");
    }

    [Fact]
    public async Task Who_hid_just_before_a_failover_that_lost_the_tombstone_stays_hidden()
    {
        var (a, b) = await _system.NewFriendsAsync();
        await VisitAsync(b);
        await using var replica = await ConnectionMultiplexer.ConnectAsync(_replica.ConnectionString);
        await HasAsync(_replica, b);
        var shared = await replica.GetDatabase().StringGetAsync($"loc:{b.Id}", CommandFlags.PreferReplica);

        await b.ShareAsync(false);
        await _primary.KillAsync();
        await RoleAsync(_replica, "master");
        await replica.ConfigureAsync();
        await replica.GetDatabase().StringSetAsync($"loc:{b.Id}", shared); // as if the tombstone had not reached it

        await Eventually.True(
            async () =>
            {
                var list = await ListAsync(a);
                Assert.True(list is null or [], "who hid is shown");
                return list is not null;
            },
            "a list is not partial");
    }

    [Fact]
    public async Task Who_hides_has_a_tombstone_on_the_replica_before_the_call_returns()
    {
        var b = await _system.NewUserAsync("Bo");
        await VisitAsync(b);

        await b.ShareAsync(false);

        Assert.Equal("8", await _replica.CommandAsync($"STRLEN loc:{b.Id}"));
    }

    /// <summary>Connects, sends a location, and leaves: what the system knows of the user then is in the cache alone.</summary>
    private static async Task VisitAsync(TestUser user)
    {
        await using var client = await user.ConnectAsync(gateway: 1);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby");
    }

    /// <summary>Who is on the list of a user who connects now; null when it is partial.</summary>
    private static async Task<string?[]?> ListAsync(TestUser user)
    {
        await using var client = await user.ConnectAsync(gateway: 0);
        await client.LocateAsync(Latitude, Longitude);
        var list = await client.ExpectAsync("nearby");
        string?[] ids = [.. list.GetProperty("friends").EnumerateArray().Select(friend => friend.GetProperty("id").GetString())];
        return ids is [] && client.HasReceived("error") ? null : ids;
    }

    private static Task HasAsync(RedisServer server, TestUser user) =>
        Eventually.True(async () => await server.CommandAsync($"EXISTS loc:{user.Id}") == "1", "the location is replicated");

    private static Task RoleAsync(RedisServer server, string role) =>
        Eventually.True(async () => (await server.CommandAsync("ROLE")).StartsWith(role, StringComparison.Ordinal), $"the server's role is {role}");

    private static Task FollowsAsync(RedisServer replica, RedisServer primary) => Eventually.True(
        async () => (await replica.CommandAsync("ROLE")).Split('\n') is ["slave", _, var port, "connected", ..] && port == $"{primary.Port}",
        "the replica follows the primary");
}
