using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.LocationCache;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>Friends who hide, part, come back and leave for good, seen from both gateways.</summary>
public sealed class LifeCycleTests(Servers servers)
{
    private const double Latitude = 48.1372;
    private const double Longitude = 11.5756;

    /// <summary>A kilometre north, in degrees.</summary>
    private const double Kilometre = 1 / 111.195;

    private static readonly (string Key, string Value) AtOnce = ("Gateway:Flush", "00:00:00");

    [Fact]
    public async Task Who_hides_is_gone_from_both_gateways_and_nothing_late_brings_the_location_back()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var circle = await system.NewCircleAsync("Ada", "Bo", "Cy");
        var (a, b, c) = (circle[0], circle[1], circle[2]);
        await using var hiding = await ArriveAsync(b, gateway: 0);
        await using var here = await ArriveAsync(a, gateway: 0);
        await using var there = await ArriveAsync(c, gateway: 1);
        await here.ExpectMovedAsync(c);

        await b.ShareAsync(false);

        Assert.Equal("gone", await here.ExpectLeftAsync(b));
        Assert.Equal("gone", await there.ExpectLeftAsync(b));

        // A frame of the version before, read up to its second entry; and a write of that version.
        await using var late = await LateGateway.StartAsync(system);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 10;
        var place = Location.FromDegrees(Latitude, Longitude, now);
        await late.PublishAsync(FrameEntry.Moved(b.Number, 1, place, 0), FrameEntry.Moved(c.Number, 1, place, 0));
        await here.ExpectMovedAsync(c, entry => entry.GetProperty("time").GetInt64() == now);
        Assert.Equal(LocationWrite.Hidden, await late.Cache.WriteAsync(b.Number, 1, place));
        Assert.Equal(1, here.LastTotal());
        await using var later = await a.ConnectAsync(gateway: 1);
        await later.LocateAsync(Latitude, Longitude);
        Assert.Equal(1, (await later.ExpectAsync("nearby")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Sharing_again_shows_with_the_next_location_and_not_before()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await ArriveAsync(b, gateway: 1);
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await b.ShareAsync(false);
        await watcher.ExpectLeftAsync(b);

        await b.ShareAsync(true);
        await friend.ExpectAsync("sharing", m => m.GetProperty("sharing").GetBoolean());
        await watcher.SendAsync(new { type = "foreground" });
        Assert.Equal(0, (await watcher.ExpectAsync("nearby")).GetProperty("total").GetInt32());
        await friend.LocateAsync(Latitude + Kilometre, Longitude);

        Assert.Equal(1000, (await watcher.ExpectMovedAsync(b)).GetProperty("distance").GetDouble(), tolerance: 1);
        await friend.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == 1);
    }

    [Fact]
    public async Task Who_does_not_share_sees_nobody()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var circle = await system.NewCircleAsync("Ada", "Bo", "Cy");
        var (a, b, c) = (circle[0], circle[1], circle[2]);
        await using var friend = await ArriveAsync(b, gateway: 1);
        await using var witness = await ArriveAsync(c, gateway: 0);
        await using var hidden = await ArriveAsync(a, gateway: 0);
        await a.ShareAsync(false);
        await hidden.ExpectAsync("sharing", m => !m.GetProperty("sharing").GetBoolean());
        var emptied = await hidden.ExpectAsync("nearby");
        Assert.Equal((0, 0), (emptied.GetProperty("total").GetInt32(), emptied.GetProperty("friends").GetArrayLength()));

        // The witness, on the same gateway, is told of the friend's move; the hidden user is not.
        await friend.LocateAsync(Latitude + Kilometre, Longitude);
        await witness.ExpectMovedAsync(b, entry => entry.GetProperty("distance").GetDouble() > 900);
        await hidden.SendAsync(new { type = "foreground", @ref = "look" });
        var refused = await hidden.ExpectAsync("error");

        Assert.Equal(("no_location", "look"), (refused.GetProperty("code").GetString(), refused.GetProperty("ref").GetString()));
        Assert.Equal(emptied.ToString(), hidden.LastList().ToString());
        await using var reconnected = await WireClient.ConnectAsync(system.Gateways[1], a.Token);
        Assert.False((await reconnected.ExpectAsync("welcome")).GetProperty("sharing").GetBoolean());
        await reconnected.SendAsync(new { type = "follow" });
        Assert.Equal("no_location", (await reconnected.ExpectAsync("error")).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("DELETE", "v1/friends/")]
    [InlineData("PUT", "v1/blocks/")]
    public async Task Parting_is_told_to_the_devices_of_who_parts_and_is_gone_to_the_other(string method, string path)
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var (a, b) = await system.NewFriendsAsync();
        await using var first = await ArriveAsync(a, gateway: 0);
        await using var second = await ArriveAsync(a, gateway: 1);
        await using var friend = await ArriveAsync(b, gateway: 1);
        await first.ExpectMovedAsync(b);

        await a.SendAsync(HttpMethod.Parse(method), path + b.Id);

        Assert.Equal(b.Id, (await first.ExpectAsync("friendRemoved")).GetProperty("id").GetString());
        Assert.Equal(b.Id, (await second.ExpectAsync("friendRemoved")).GetProperty("id").GetString());
        Assert.Equal("gone", await friend.ExpectLeftAsync(a));
        await friend.SendTextAsync("{\"type\":\"page\",\"cursor\":\"none\"}"); // answered after all that came before
        await friend.ExpectAsync("error");
        Assert.DoesNotContain("friendRemoved", friend.Types());
    }

    [Fact]
    public async Task A_deleted_user_is_gone_to_friends_and_closed_with_4403_on_every_device()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var (a, b) = await system.NewFriendsAsync();
        await using var first = await ArriveAsync(b, gateway: 0);
        await using var second = await ArriveAsync(b, gateway: 1);
        await using var watcher = await ArriveAsync(a, gateway: 0);

        await b.SendAsync(HttpMethod.Delete, "v1/me");

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
        Assert.Equal(4403, await first.ExpectCloseAsync());
        Assert.Equal(4403, await second.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_friend_who_went_away_and_comes_back_has_moved()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await ArriveAsync(b, gateway: 1);
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await friend.LocateAsync(Latitude + (9 * Kilometre), Longitude);
        Assert.Equal("away", await watcher.ExpectLeftAsync(b));

        await friend.LocateAsync(Latitude + (10 * Kilometre), Longitude);
        await friend.LocateAsync(Latitude + (2 * Kilometre), Longitude);

        var back = await watcher.ExpectMovedAsync(b);
        Assert.Equal(2000, back.GetProperty("distance").GetDouble(), tolerance: 2);
        Assert.Equal(b.Name, back.GetProperty("name").GetString());
        Assert.Single(watcher.Received, m => m.GetProperty("type").GetString() == "friends" && m.GetProperty("left").GetArrayLength() > 0);
    }

    /// <summary>A device at the test's place, with its list open.</summary>
    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby");
        return client;
    }
}
