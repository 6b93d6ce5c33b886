using System.Text.Json;
using NearbyFriends.Core.Geo;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>Who shares until a time, or shows a friend less than all, wherever the friend looks.</summary>
public sealed class LimitedSharingTests(Servers servers)
{
    private const double Latitude = 64.1466;
    private const double Longitude = -21.9426;

    private static readonly (string Key, string Value)[] Quick = [("Gateway:Flush", "00:00:00")];

    [Fact]
    public async Task Sharing_ends_at_its_time_on_every_gateway_though_no_Api_and_no_database_is_there_to_say_so()
    {
        await using var unheard = await RedisServer.StartAsync();
        await using var system = await NearbySystem.StartAsync(
            servers,
            [("ConnectionStrings:pubsub-0", unheard.ConnectionString), ("ConnectionStrings:pubsub-1", unheard.ConnectionString)],
            Quick);
        var (a, b) = await system.NewFriendsAsync();
        await using var phone = await ArriveAsync(b, gateway: 1);
        var until = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 10_000;

        // The Api announces it to nobody, and the gateways read the journal only later: what they know of the end came with a location.
        var me = await b.SendAsync(HttpMethod.Patch, "v1/me", new { sharing = true, sharingUntil = until });
        Assert.Equal(until, me.GetProperty("sharingUntil").GetInt64());
        await using var second = await b.ConnectAsync(gateway: 1);
        await second.LocateAsync(Latitude, Longitude);
        await second.ExpectAsync("nearby");
        await using var near = await ArriveAsync(a, gateway: 1);
        await using var far = await ArriveAsync(a, gateway: 0);
        Assert.Equal((1, 1), (near.LastTotal(), far.LastTotal()));
        Assert.Equal(1, await CountNearbyAsync(a));
        await system.ExecuteAsync("alter table users rename to unavailable");

        Assert.Equal("gone", await near.ExpectLeftAsync(b));
        Assert.Equal("gone", await far.ExpectLeftAsync(b));

        Assert.True(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() >= until);
        await second.ExpectAsync("sharing", message => !message.GetProperty("sharing").GetBoolean());
        await second.LocateAsync(Latitude, Longitude);
        Assert.Equal("not_sharing", (await second.ExpectAsync("error")).GetProperty("code").GetString());
        await system.ExecuteAsync("alter table unavailable rename to users");
        Assert.Equal(0, await CountNearbyAsync(a));
        Assert.False((await b.SendAsync(HttpMethod.Get, "v1/me")).GetProperty("sharing").GetBoolean());
        await using var opened = await b.ConnectAsync(gateway: 0);
        Assert.False(opened.Received[0].GetProperty("sharing").GetBoolean());
    }

    [Fact]
    public async Task A_friend_sees_what_it_is_shown_on_every_way_and_nobody_else_sees_less()
    {
        await using var system = await NearbySystem.StartAsync(servers, Quick);
        var users = await system.NewCircleAsync("Ada", "Bo", "Cy");
        var (a, b, c) = (users[0], users[1], users[2]);
        await using var phone = await ArriveAsync(b, gateway: 1);
        await using var json = await WatchAsync("json", a);
        await using var protobuf = await WatchAsync("protobuf", a);
        await using var stream = await WatchAsync("stream", a);
        TransportClient[] watchers = [json, protobuf, stream];
        foreach (var watcher in watchers)
        {
            await watcher.ExpectAsync("nearby", message => PlacesOf(message.GetProperty("friends"), b).Contains((Latitude, Longitude)));
        }

        await using var other = await ArriveAsync(c, gateway: 0);

        await b.SendAsync(HttpMethod.Put, $"v1/friends/{a.Id}/visibility", new { shows = "approximate" });

        var told = await phone.ExpectAsync("visibility");
        Assert.Equal((a.Id, "approximate"), (told.GetProperty("id").GetString(), told.GetProperty("shows").GetString()));
        var cell = ApproximateGrid.Snap(Location.FromDegrees(Latitude, Longitude, 0));
        foreach (var watcher in watchers)
        {
            await watcher.ExpectAsync("friends", message => PlacesOf(message.GetProperty("moved"), b).Contains((cell.Latitude, cell.Longitude)));
        }

        var listed = (await a.SendAsync(HttpMethod.Get, "v1/nearby")).GetProperty("friends").EnumerateArray().Single(friend => friend.GetProperty("id").GetString() == b.Id);
        Assert.Equal((cell.Latitude, cell.Longitude, true), (listed.GetProperty("lat").GetDouble(), listed.GetProperty("lon").GetDouble(), listed.GetProperty("approximate").GetBoolean()));
        Assert.Equal([(Latitude, Longitude)], PlacesOf((await c.SendAsync(HttpMethod.Get, "v1/nearby")).GetProperty("friends"), b));
        Assert.Equal("approximate", await ShownAsync(b, a));

        await b.SendAsync(HttpMethod.Put, $"v1/friends/{a.Id}/visibility", new { shows = "nothing" });

        foreach (var watcher in watchers)
        {
            await watcher.ExpectAsync("friends", message => message.GetProperty("left").EnumerateArray().Any(left =>
                left.GetProperty("id").GetString() == b.Id && left.GetProperty("reason").GetString() == "gone"));
        }

        Assert.Empty(PlacesOf((await a.SendAsync(HttpMethod.Get, "v1/nearby")).GetProperty("friends"), b));
        await using var opened = await ArriveAsync(a, gateway: 1);
        Assert.Empty(PlacesOf(opened.LastList().GetProperty("friends"), b));
        Assert.Single(PlacesOf(other.Received.Last(message => message.GetProperty("type").GetString() == "nearby").GetProperty("friends"), b));
    }

    private static IEnumerable<(double Latitude, double Longitude)> PlacesOf(JsonElement friends, TestUser friend) => friends.EnumerateArray()
        .Where(entry => entry.GetProperty("id").GetString() == friend.Id)
        .Select(entry => (entry.GetProperty("lat").GetDouble(), entry.GetProperty("lon").GetDouble()));

    private static async Task<string?> ShownAsync(TestUser user, TestUser friend) =>
        (await user.SendAsync(HttpMethod.Get, "v1/friends")).GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("id").GetString() == friend.Id).GetProperty("shows").GetString();

    private static async Task<int> CountNearbyAsync(TestUser user) =>
        (await user.SendAsync(HttpMethod.Get, "v1/nearby")).GetProperty("friends").GetArrayLength();

    private static async Task<TransportClient> WatchAsync(string transport, TestUser user)
    {
        var client = await TransportClient.OpenAsync(transport, user.System.Gateways[0], user);
        await client.ExpectAsync("welcome");
        await client.LocateAsync(Latitude, Longitude);
        return client;
    }

    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby");
        return client;
    }
}
