using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Gateway.Authentication;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.History;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>Several devices of one user, on both gateways and by POST.</summary>
public sealed class DevicesTests(Servers servers)
{
    private const double Latitude = 35.6762;
    private const double Longitude = 139.6503;

    /// <summary>A kilometre north, in degrees.</summary>
    private const double Kilometre = 1 / 111.195;

    private static readonly (string Key, string Value) AtOnce = ("Gateway:Flush", "00:00:00");

    [Fact]
    public async Task The_newest_time_wins_by_whichever_way_it_came()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await using var phone = await b.ConnectAsync(gateway: 0);
        await using var tablet = await b.ConnectAsync(gateway: 1);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 10_000;

        await phone.LocateAsync(Latitude + Kilometre, Longitude, now + 1_000);
        await ExpectAtAsync(watcher, b, 1);
        await tablet.LocateAsync(Latitude + (2 * Kilometre), Longitude, now + 3_000);
        await ExpectAtAsync(watcher, b, 2);
        await phone.LocateAsync(Latitude + (5 * Kilometre), Longitude, now + 2_000); // older than the tablet's
        await PostAsync(b, gateway: 1, Latitude + (6 * Kilometre), now + 2_500); // likewise
        await PostAsync(b, gateway: 1, Latitude + (3 * Kilometre), now + 4_000);
        await ExpectAtAsync(watcher, b, 3);
        await tablet.LocateAsync(Latitude + (6 * Kilometre), Longitude, now + 3_500);
        await phone.LocateAsync(Latitude + (4 * Kilometre), Longitude, now + 5_000);
        await ExpectAtAsync(watcher, b, 4);

        Assert.DoesNotContain("error", phone.Types());
        Assert.DoesNotContain("error", tablet.Types());
    }

    [Fact]
    public async Task Devices_that_connect_at_the_same_moment_each_get_a_session()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        var sessions = system.GatewayServices[0].GetRequiredService<SessionRegistry>();

        // The first two are opened alone; what is asked for meanwhile waits, and is opened together.
        TestUser[] users = [b, b, a, a, b];
        var opened = await Task.WhenAll(users.Select(user => sessions.OpenAsync(new Caller(user.Number, long.MaxValue), new DeafTransport())));

        Assert.Equal(users.Select(user => (long?)user.Number), opened.Select(one => one.Session?.UserId));
        Assert.Equal(users.Length, opened.Select(one => one.Session!.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_second_screen_follows_the_first_device()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await b.ConnectAsync(gateway: 1);
        await friend.LocateAsync(Latitude, Longitude);
        await friend.ExpectAsync("nearby");
        await using var screen = await a.ConnectAsync(gateway: 1);
        await screen.SendAsync(new { type = "follow", @ref = "f" });
        var nowhere = await screen.ExpectAsync("error");
        Assert.Equal(("no_location", "f"), (nowhere.GetProperty("code").GetString(), nowhere.GetProperty("ref").GetString()));

        await using var phone = await a.ConnectAsync(gateway: 0);
        await phone.LocateAsync(Latitude + Kilometre, Longitude);

        var opened = await screen.ExpectAsync("nearby");
        Assert.Equal(1000, Assert.Single(opened.GetProperty("friends").EnumerateArray()).GetProperty("distance").GetDouble(), tolerance: 1);
        await phone.LocateAsync(Latitude + (3 * Kilometre), Longitude);
        await ExpectAtAsync(screen, b, 3);
        await PostAsync(a, gateway: 0, Latitude + (2 * Kilometre), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 5);
        await ExpectAtAsync(screen, b, 2);
        await using var third = await a.ConnectAsync(gateway: 1);
        await third.SendAsync(new { type = "follow" });
        Assert.Equal(1, (await third.ExpectAsync("nearby")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task In_the_background_nothing_is_pushed_and_the_foreground_begins_with_a_list()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var (a, b) = await system.NewFriendsAsync();
        await using var phone = await a.ConnectAsync(gateway: 0);
        await using var tablet = await a.ConnectAsync(gateway: 0);
        await using var friend = await b.ConnectAsync(gateway: 1);
        await phone.LocateAsync(Latitude, Longitude);
        await phone.ExpectAsync("nearby");
        await tablet.SendAsync(new { type = "follow" });
        await tablet.ExpectAsync("nearby");
        await phone.SendAsync(new { type = "background" });
        await phone.SendTextAsync("{}");
        await phone.ExpectAsync("error"); // so the gateway has read what came before

        await friend.LocateAsync(Latitude + Kilometre, Longitude);
        await ExpectAtAsync(tablet, b, 1);
        await phone.SendAsync(new { type = "foreground", @ref = "again" });
        var list = await phone.ExpectAsync("nearby");

        Assert.Equal((2, "again"), (list.GetProperty("list").GetInt32(), list.GetProperty("ref").GetString()));
        Assert.Equal(b.Id, Assert.Single(list.GetProperty("friends").EnumerateArray()).GetProperty("id").GetString());
        Assert.DoesNotContain("friends", phone.Types());
        await friend.LocateAsync(Latitude + (2 * Kilometre), Longitude);
        await ExpectAtAsync(phone, b, 2);
    }

    [Fact]
    public async Task Of_points_gathered_offline_the_newest_counts_and_all_are_history()
    {
        await using var system = await NearbySystem.StartAsync(servers, AtOnce);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await a.ConnectAsync(gateway: 1);
        await watcher.LocateAsync(Latitude, Longitude);
        await watcher.ExpectAsync("nearby");
        await using var phone = await b.ConnectAsync(gateway: 0);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        // The newest stands in the middle; each is a step of 100 m.
        var items = Enumerable.Range(1, 50)
            .Select(i => new { lat = Latitude + (i * Kilometre / 10), lon = Longitude, time = now - (1000L * Math.Abs(i - 20)) - (i > 20 ? 500 : 0), accuracy = 5 });
        await phone.SendAsync(new { type = "locations", items });

        Assert.Equal(2000, (await watcher.ExpectMovedAsync(b)).GetProperty("distance").GetDouble(), tolerance: 2);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(system.Cache.ConnectionString);
        await Eventually.True(
            async () => (await HistoryOfAsync(redis, b)).Select(p => p.Location.LatitudeE7).Distinct().Count() == 50, "all 50 points are in the stream");
        Assert.Equal(50, (await HistoryOfAsync(redis, b)).Count);
        Assert.All(await HistoryOfAsync(redis, b), point => Assert.Equal(5, point.AccuracyMetres));
    }

    private static async Task<List<HistoryPoint>> HistoryOfAsync(ConnectionMultiplexer redis, TestUser user)
    {
        var points = new List<HistoryPoint>();
        foreach (var entry in await redis.GetDatabase().StreamRangeAsync(HistoryStreams.Key(HistoryStreams.Of(user.Number))))
        {
            var batch = (byte[])entry[HistoryStreams.BatchField]!;
            var decoded = new HistoryPoint[HistoryBatch.MaxPointsIn(batch.Length)];
            Assert.Null(HistoryBatch.Decode(batch, decoded, out var count));
            points.AddRange(decoded.Take(count).Where(point => point.UserId == user.Number));
        }

        return points;
    }

    private static async Task PostAsync(TestUser user, int gateway, double lat, long time)
    {
        var address = new Uri(user.System.Gateways[gateway], "v1/location").ToString();
        using var response = await user.System.CallAsync(HttpMethod.Post, address, user.Token, new { lat, lon = Longitude, time });
        Assert.Equal(202, (int)response.StatusCode);
    }

    /// <summary>The friend's next move is to so many kilometres; nothing else may come between.</summary>
    private static async Task ExpectAtAsync(WireClient watcher, TestUser friend, int kilometres) =>
        Assert.Equal(1000 * kilometres, (await watcher.ExpectMovedAsync(friend)).GetProperty("distance").GetDouble(), tolerance: 10);

    private sealed class DeafTransport : Transport
    {
        public override MessageFormat Format => MessageFormat.Json;

        public override ValueTask SendAsync(MessageBuffer message) => ValueTask.CompletedTask;

        public override void KeepAlive()
        {
            // it is never silent
        }

        public override Task CloseAsync(int code, string reason) => Task.CompletedTask;
    }
}
