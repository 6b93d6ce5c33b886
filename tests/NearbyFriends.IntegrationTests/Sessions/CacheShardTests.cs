using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>A part of the location cache goes away, and comes back.</summary>
public sealed class CacheShardTests(Servers servers)
{
    private const double Latitude = 35.6812;
    private const double Longitude = 139.7671;

    // So many that both shards have some of them, whatever their ids.
    private const int Friends = 18;

    [Fact]
    public async Task Without_one_shard_lists_lack_only_its_users_and_are_right_after_their_next_update()
    {
        await using var first = await RedisServer.StartAsync();
        await using var second = await RedisServer.StartAsync();
        await using var system = await NearbySystem.StartAsync(
            servers,
            ("LocationCache:Servers:0", "location-cache"), ("LocationCache:Servers:1", "location-cache-1"),
            ("ConnectionStrings:location-cache", first.ConnectionString), ("ConnectionStrings:location-cache-1", second.ConnectionString));
        var ada = await system.NewUserAsync("Ada");
        var friends = new List<TestUser>();
        var sockets = new List<WireClient>();
        for (var i = 0; i < Friends; i++)
        {
            friends.Add(await system.NewUserAsync($"bo-{i}"));
            await NearbySystem.BefriendAsync(ada, friends[i]);
            sockets.Add(await friends[i].ConnectAsync(gateway: 1));
            await sockets[^1].LocateAsync(Latitude, Longitude);
            await sockets[^1].ExpectAsync("nearby");
        }

        await second.KillAsync();

        // Gateway 0 knows of nobody, so the list comes from the cache alone.
        await using var watcher = await ada.ConnectAsync(gateway: 0);
        await watcher.ExpectAsync("error", m => m.GetProperty("code").GetString() == "partial");
        await watcher.LocateAsync(Latitude, Longitude);
        var list = (await watcher.ExpectAsync("nearby")).GetProperty("friends").EnumerateArray().Select(f => f.GetProperty("id").GetString()).ToList();
        Assert.InRange(list.Count, 1, Friends - 1);

        // One update interval: everybody moves once.
        foreach (var (friend, socket) in friends.Zip(sockets))
        {
            await socket.LocateAsync(Latitude + 0.0001, Longitude);
            await watcher.ExpectMovedAsync(friend);
            await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task Who_hid_while_the_cache_was_away_stays_hidden_when_it_returns_with_an_old_location()
    {
        await using var cache = await RedisServer.StartAsync(null, "--appendonly", "yes", "--appendfsync", "always");
        await using var system = await NearbySystem.StartAsync(servers, ("ConnectionStrings:location-cache", cache.ConnectionString));
        var (a, b) = await system.NewFriendsAsync();
        await using (var hiding = await b.ConnectAsync(gateway: 1))
        {
            await hiding.LocateAsync(Latitude, Longitude);
            await hiding.ExpectAsync("nearby");
        }

        await cache.KillAsync();
        using (var answer = await system.CallAsync(HttpMethod.Patch, "v1/me", b.Token, new { sharing = false }))
            Assert.Equal(503, (int)answer.StatusCode); // what is durable is done: the database has it

        await cache.RestartAsync();
        await Eventually.True(
            async () =>
            {
                await using var probe = await a.ConnectAsync(gateway: 0);
                await probe.LocateAsync(Latitude, Longitude);
                var list = await probe.ExpectAsync("nearby");
                Assert.Empty(list.GetProperty("friends").EnumerateArray());
                return !probe.HasReceived("error");
            },
            "the cache answers again");
    }
}
