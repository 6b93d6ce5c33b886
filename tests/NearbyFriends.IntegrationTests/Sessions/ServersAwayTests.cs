using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>A lost point is tolerable, a lost service is not.</summary>
public sealed class ServersAwayTests(Servers servers)
{
    private const double Latitude = 40.4168;
    private const double Longitude = -3.7038;

    [Fact]
    public async Task Without_pub_sub_servers_sessions_open_and_friends_on_one_gateway_meet()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        foreach (var server in system.PubSub)
        {
            await server.KillAsync();
        }

        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        await using var friend = await b.ConnectAsync(gateway: 0);
        await friend.LocateAsync(Latitude, Longitude);

        await watcher.ExpectMovedAsync(b);
    }

    [Fact]
    public async Task When_a_pub_sub_server_returns_updates_flow_again_without_reconnecting()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        await using var friend = await b.ConnectAsync(gateway: 1);

        foreach (var server in system.PubSub)
        {
            await server.KillAsync();
        }

        await friend.LocateAsync(Latitude, Longitude);
        foreach (var server in system.PubSub)
        {
            await server.RestartAsync();
        }

        await Eventually.True(
            async () =>
            {
                await friend.LocateAsync(Latitude, Longitude);
                return watcher.HasReceived("friends");
            },
            "an update reaches the other gateway");
    }

    [Fact]
    public async Task Without_the_cache_lists_say_that_they_are_partial_and_updates_go_on()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await b.ConnectAsync(gateway: 1);
        await system.Cache.KillAsync();

        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.ExpectAsync("error", m => m.GetProperty("code").GetString() == "partial");
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        await friend.LocateAsync(Latitude, Longitude);

        await watcher.ExpectMovedAsync(b);
    }
}
