using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>Where another team owns users and friendships, gateways read them through that team's API.</summary>
public sealed class FriendSourceTests(Servers servers)
{
    [Fact]
    public async Task Gateways_without_the_database_read_friends_through_the_Api()
    {
        await using var system = await NearbySystem.StartAsync(
            servers,
            apiSettings: [("Friends:Source", "Database")],
            ("Friends:Source", "Api"),
            ("Friends:ApiKey", "a key that both sides know, 32 characters"));
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(48.2082, 16.3738);
        await watcher.ExpectAsync("nearby");

        await using var friend = await b.ConnectAsync(gateway: 1);
        await friend.LocateAsync(48.2082, 16.3738);

        var came = await watcher.ExpectMovedAsync(b);
        Assert.Equal(b.Name, came.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_change_that_nobody_announced_comes_with_the_journal_of_the_Api()
    {
        await using var unheard = await RedisServer.StartAsync();
        await using var system = await NearbySystem.StartAsync(
            servers,
            apiSettings:
            [
                ("Friends:Source", "Database"),
                ("ConnectionStrings:pubsub-0", unheard.ConnectionString), ("ConnectionStrings:pubsub-1", unheard.ConnectionString),
            ],
            ("Friends:Source", "Api"),
            ("Friends:ApiKey", "a key that both sides know, 32 characters"),
            ("Friends:ReadChangesEvery", "00:00:00.5"));
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await b.ConnectAsync(gateway: 1);
        await friend.LocateAsync(48.2082, 16.3738);
        await friend.ExpectAsync("nearby");
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(48.2082, 16.3738);
        await watcher.ExpectAsync("nearby", message => message.GetProperty("total").GetInt32() == 1);

        await b.ShareAsync(false);

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
    }
}
