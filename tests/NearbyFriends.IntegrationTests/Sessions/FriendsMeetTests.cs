using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>The main job: two friends, on two gateways, see each other.</summary>
public sealed class FriendsMeetTests(Servers servers)
{
    private const double Latitude = 37.5665;
    private const double Longitude = 126.978;

    /// <summary>A kilometre north, in degrees.</summary>
    private const double Kilometre = 1 / 111.195;

    [Fact]
    public async Task The_first_location_is_answered_by_friends_who_are_there_already()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var first = await a.ConnectAsync(gateway: 0);
        await first.LocateAsync(Latitude, Longitude);
        await first.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == 0);

        await using var second = await b.ConnectAsync(gateway: 1);
        await second.LocateAsync(Latitude + Kilometre, Longitude, reference: "hello");
        var nearby = await second.ExpectAsync("nearby");

        Assert.Equal("hello", nearby.GetProperty("ref").GetString());
        Assert.Equal(1, nearby.GetProperty("page").GetInt32());
        Assert.Equal(1, nearby.GetProperty("total").GetInt32());
        var friend = Assert.Single(nearby.GetProperty("friends").EnumerateArray());
        Assert.Equal((a.Id, a.Name), (friend.GetProperty("id").GetString(), friend.GetProperty("name").GetString()));
        Assert.Equal((Latitude, Longitude), (friend.GetProperty("lat").GetDouble(), friend.GetProperty("lon").GetDouble()));
        Assert.Equal(1000, friend.GetProperty("distance").GetDouble(), tolerance: 1);
    }

    [Fact]
    public async Task A_friend_who_comes_is_pushed_with_a_name_and_later_moves_without()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await using var friend = await b.ConnectAsync(gateway: 1);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");

        await friend.LocateAsync(Latitude + Kilometre, Longitude);
        var came = await watcher.ExpectMovedAsync(b);
        await friend.LocateAsync(Latitude + (2 * Kilometre), Longitude);
        var moved = await watcher.ExpectMovedAsync(b);

        Assert.Equal(b.Name, came.GetProperty("name").GetString());
        Assert.False(moved.TryGetProperty("name", out _));
        Assert.Equal(2000, moved.GetProperty("distance").GetDouble(), tolerance: 1);
        Assert.True(moved.GetProperty("time").GetInt64() > came.GetProperty("time").GetInt64());
    }

    [Fact]
    public async Task Walking_up_to_a_friend_who_stands_still_shows_that_friend()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await b.ConnectAsync(gateway: 1);
        await friend.LocateAsync(Latitude, Longitude);
        await friend.ExpectAsync("nearby");
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(Latitude + (20 * Kilometre), Longitude);
        await watcher.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == 0);

        await watcher.LocateAsync(Latitude + (5 * Kilometre), Longitude);

        var met = await watcher.ExpectMovedAsync(b);
        Assert.Equal(5000, met.GetProperty("distance").GetDouble(), tolerance: 5);
    }

    [Fact]
    public async Task A_friend_leaves_beyond_the_margin_and_not_at_the_edge()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await using var friend = await b.ConnectAsync(gateway: 1);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        await friend.LocateAsync(Latitude + (8.0 * Kilometre), Longitude);
        await watcher.ExpectMovedAsync(b);

        await friend.LocateAsync(Latitude + (8.3 * Kilometre), Longitude);
        var atTheEdge = await watcher.ExpectMovedAsync(b);
        await friend.LocateAsync(Latitude + (8.6 * Kilometre), Longitude);
        var reason = await watcher.ExpectLeftAsync(b);

        Assert.Equal(8300, atTheEdge.GetProperty("distance").GetDouble(), tolerance: 5);
        Assert.Equal("away", reason);
    }

    [Fact]
    public async Task An_older_update_changes_no_list_and_is_no_error()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await using var friend = await b.ConnectAsync(gateway: 1);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await friend.LocateAsync(Latitude + Kilometre, Longitude, now);
        await watcher.ExpectMovedAsync(b);

        await friend.LocateAsync(Latitude + (3 * Kilometre), Longitude, now - 60_000);
        await friend.LocateAsync(Latitude + (2 * Kilometre), Longitude, now + 1);

        var next = await watcher.ExpectMovedAsync(b);
        Assert.Equal(2000, next.GetProperty("distance").GetDouble(), tolerance: 2);
        Assert.DoesNotContain(friend.Received, m => m.GetProperty("type").GetString() == "error");
    }

    [Fact]
    public async Task A_friend_who_is_silent_disappears()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Presence:InactiveAfter", "00:00:08"));
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await using var friend = await b.ConnectAsync(gateway: 1);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        await friend.LocateAsync(Latitude, Longitude);
        await watcher.ExpectMovedAsync(b);

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
    }

    [Fact]
    public async Task A_new_friendship_works_without_reconnecting()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var a = await system.NewUserAsync("Ada");
        var b = await system.NewUserAsync("Bo");
        await using var first = await a.ConnectAsync(gateway: 0);
        await using var second = await b.ConnectAsync(gateway: 1);
        await first.LocateAsync(Latitude, Longitude);
        await second.LocateAsync(Latitude, Longitude);
        await first.ExpectAsync("nearby");
        await second.ExpectAsync("nearby");

        await NearbySystem.BefriendAsync(a, b);

        var added = await first.ExpectAsync("friendAdded");
        Assert.Equal(b.Id, added.GetProperty("friend").GetProperty("id").GetString());
        await first.ExpectMovedAsync(b);
        await second.ExpectMovedAsync(a);
    }

    [Fact]
    public async Task Who_stops_sharing_is_gone_at_once_and_sees_nobody()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await using var friend = await b.ConnectAsync(gateway: 1);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        await friend.LocateAsync(Latitude, Longitude);
        await friend.ExpectAsync("nearby");
        await watcher.ExpectMovedAsync(b);

        await b.SendAsync(HttpMethod.Patch, "v1/me", new { sharing = false });

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
        await friend.ExpectAsync("sharing", m => !m.GetProperty("sharing").GetBoolean());
        await friend.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == 0);
        await friend.LocateAsync(Latitude, Longitude);
        await friend.ExpectAsync("error", m => m.GetProperty("code").GetString() == "not_sharing");
    }

    [Fact]
    public async Task Many_small_steps_are_a_walk_too()
    {
        const double Step = 0.0009 * Kilometre;
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await b.ConnectAsync(gateway: 1);
        await friend.LocateAsync(Latitude, Longitude);
        await friend.ExpectAsync("nearby");
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(Latitude + Kilometre, Longitude);
        await watcher.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == 1);

        for (var step = 1; step <= 100; step++)
        {
            await watcher.LocateAsync(Latitude + Kilometre + (step * Step), Longitude);
        }

        await watcher.ExpectMovedAsync(b, entry => Math.Abs(entry.GetProperty("distance").GetDouble() - 1090) < 2);
    }

    [Fact]
    public async Task A_friend_who_is_active_stays_in_the_list_of_a_watcher_who_reconnected()
    {
        var inactiveAfter = TimeSpan.FromSeconds(10);
        await using var system = await NearbySystem.StartAsync(servers, ("Presence:InactiveAfter", inactiveAfter.ToString()));
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await b.ConnectAsync(gateway: 1);
        await friend.LocateAsync(Latitude, Longitude);
        await friend.ExpectAsync("nearby");
        await using (var before = await a.ConnectAsync(gateway: 0))
        {
            await before.LocateAsync(Latitude, Longitude);
            await before.ExpectAsync("nearby", list => list.GetProperty("total").GetInt32() == 1);
        }

        await using var watcher = await a.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");

        // Past the moment at which the location that the first connection saw would have expired.
        var enough = DateTimeOffset.UtcNow + inactiveAfter + TimeSpan.FromSeconds(2);
        await Eventually.True(
            async () =>
            {
                await friend.LocateAsync(Latitude, Longitude);
                await watcher.LocateAsync(Latitude, Longitude);
                return DateTimeOffset.UtcNow > enough;
            },
            "the time passes");

        Assert.DoesNotContain(watcher.Received, m => m.GetProperty("type").GetString() == "friends" && m.GetProperty("left").GetArrayLength() > 0);
    }
}
