using System.Text.Json;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>
/// What holds whichever way updates travel: over which channels (<c>Fanout:Channels</c>) and servers
/// (<c>Fanout:Transport</c>). Everything here crosses from one gateway, or the Api, to another; the comparison of
/// versions, which would heal what is lost, comes only after the patience of the tests.
/// </summary>
public abstract class FanoutContract(FanoutSystem fanout)
{
    private const double Latitude = 52.3676;
    private const double Longitude = 4.9041;

    /// <summary>Where nobody else is. On the edge of two cells: they are 0.044 degrees high.</summary>
    private const double StrangersLatitude = 45.0;

    /// <summary>A kilometre north, in degrees.</summary>
    private const double Kilometre = 1 / 111.195;

    private NearbySystem System => fanout.System;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_update_reaches_the_watchers_on_every_gateway(int gateway)
    {
        var circle = await System.NewCircleAsync("Ada", "Bo", "Cy");
        await using var here = await ArriveAsync(circle[0], gateway: 0);
        await using var there = await ArriveAsync(circle[1], gateway: 1);
        await using var friend = await ArriveAsync(circle[2], gateway);

        await friend.LocateAsync(Latitude + Kilometre, Longitude);

        foreach (var watcher in new[] { here, there })
        {
            await watcher.ExpectMovedAsync(circle[2], IsAbout(1000));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_location_posted_to_any_replica_reaches_friends_and_own_devices(int gateway)
    {
        var (a, b) = await System.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var device = await ArriveAsync(b, gateway: 1);
        await watcher.ExpectMovedAsync(b);

        var time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 10;
        using var posted = await System.CallAsync(
            HttpMethod.Post, new Uri(System.Gateways[gateway], "v1/location").ToString(), b.Token, new { lat = Latitude + (2 * Kilometre), lon = Longitude, time });

        Assert.Equal(202, (int)posted.StatusCode);
        await watcher.ExpectMovedAsync(b, IsAbout(2000));
        await device.ExpectMovedAsync(a, IsAbout(2000)); // its own user moved, so the friend who stands still is told again
    }

    [Fact]
    public async Task A_second_screen_follows_what_another_gateway_publishes()
    {
        var user = await System.NewUserAsync("Ada");
        await using var screen = await user.ConnectAsync(gateway: 1);
        await screen.SendAsync(new { type = "follow" });
        await screen.ExpectAsync("error", m => m.GetProperty("code").GetString() == "no_location");
        await using var phone = await user.ConnectAsync(gateway: 0);

        await phone.LocateAsync(Latitude, Longitude);

        await screen.ExpectAsync("nearby");
    }

    [Fact]
    public async Task The_updates_of_a_user_stay_in_order()
    {
        const int Moves = 200;
        var (a, b) = await System.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var friend = await ArriveAsync(b, gateway: 1);
        await watcher.ExpectMovedAsync(b);

        for (var move = 1; move <= Moves; move++)
        {
            await friend.LocateAsync(Latitude + (move * Kilometre / 1000), Longitude);
        }

        var distances = new List<double>();
        await watcher.ExpectMovedAsync(b, entry =>
        {
            distances.Add(entry.GetProperty("distance").GetDouble());
            return distances[^1] >= Moves;
        });
        Assert.Equal(distances.Order(), distances);
    }

    [Fact]
    public async Task Everyone_of_many_hears_of_everyone()
    {
        var circle = await System.NewCircleAsync([.. Enumerable.Range(0, 10).Select(i => $"Person{i}")]);
        var clients = new List<WireClient>();
        foreach (var (i, user) in circle.Index())
        {
            clients.Add(await ArriveAsync(user, gateway: i % 2));
        }

        foreach (var (i, client) in clients.Index())
        {
            await client.LocateAsync(Latitude + ((1 + (i / 10.0)) * Kilometre), Longitude);
        }

        foreach (var (i, client) in clients.Index())
        {
            await client.SendAsync(new { type = "radius", metres = 16_000 }); // answered with all there are, after what is on its way
            await Eventually.True(
                async () =>
                {
                    await client.SendAsync(new { type = "foreground" });
                    var list = await client.ExpectAsync("nearby");
                    var expected = Enumerable.Range(0, circle.Length).Where(j => j != i).Select(j => Latitude + ((1 + (j / 10.0)) * Kilometre)).Order();
                    var shown = list.GetProperty("friends").EnumerateArray().Select(friend => friend.GetProperty("lat").GetDouble()).Order();
                    return expected.Zip(shown).Count(pair => Math.Abs(pair.First - pair.Second) < 1e-6) == circle.Length - 1;
                },
                "the list shows where all the others went");
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_new_friendship_is_heard_of_on_both_sides()
    {
        var a = await System.NewUserAsync("Ada");
        var b = await System.NewUserAsync("Bo");
        await using var first = await ArriveAsync(a, gateway: 0);
        await using var second = await ArriveAsync(b, gateway: 1);

        await NearbySystem.BefriendAsync(a, b);

        await first.ExpectAsync("friendAdded", m => m.GetProperty("friend").GetProperty("id").GetString() == b.Id);
        await second.ExpectAsync("friendAdded", m => m.GetProperty("friend").GetProperty("id").GetString() == a.Id);
        await first.ExpectMovedAsync(b);
        await second.LocateAsync(Latitude + Kilometre, Longitude);
        await first.ExpectMovedAsync(b, IsAbout(1000));
    }

    [Fact]
    public async Task The_end_of_a_friendship_is_heard_of_on_every_device()
    {
        var (a, b) = await System.NewFriendsAsync();
        await using var phone = await ArriveAsync(a, gateway: 0);
        await using var tablet = await ArriveAsync(a, gateway: 1);
        await using var friend = await ArriveAsync(b, gateway: 1);
        await phone.ExpectMovedAsync(b);

        await a.SendAsync(HttpMethod.Delete, $"v1/friends/{b.Id}");

        Assert.Equal(b.Id, (await phone.ExpectAsync("friendRemoved")).GetProperty("id").GetString());
        Assert.Equal(b.Id, (await tablet.ExpectAsync("friendRemoved")).GetProperty("id").GetString());
        Assert.Equal("gone", await friend.ExpectLeftAsync(a));
    }

    [Fact]
    public async Task Who_hides_is_gone_from_every_gateway_and_comes_back_with_the_next_location()
    {
        var circle = await System.NewCircleAsync("Ada", "Bo", "Cy");
        await using var here = await ArriveAsync(circle[0], gateway: 0);
        await using var there = await ArriveAsync(circle[1], gateway: 1);
        await using var friend = await ArriveAsync(circle[2], gateway: 1);
        await here.ExpectMovedAsync(circle[2]);
        await there.ExpectMovedAsync(circle[2]);

        await circle[2].ShareAsync(false);

        Assert.Equal("gone", await here.ExpectLeftAsync(circle[2]));
        Assert.Equal("gone", await there.ExpectLeftAsync(circle[2]));
        await friend.ExpectAsync("sharing", m => !m.GetProperty("sharing").GetBoolean());

        await circle[2].ShareAsync(true);
        await friend.ExpectAsync("sharing", m => m.GetProperty("sharing").GetBoolean());
        await friend.LocateAsync(Latitude + Kilometre, Longitude);

        await here.ExpectMovedAsync(circle[2], IsAbout(1000));
        await there.ExpectMovedAsync(circle[2], IsAbout(1000));
    }

    [Fact]
    public async Task A_new_name_is_shown_by_the_gateway_that_knew_the_old_one()
    {
        var (a, b) = await System.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var friend = await ArriveAsync(b, gateway: 1);
        await watcher.ExpectMovedAsync(b);

        await b.SendAsync(HttpMethod.Patch, "v1/me", new { displayName = "Beatrix" });

        await Eventually.True(
            async () =>
            {
                await watcher.SendAsync(new { type = "foreground" });
                var list = await watcher.ExpectAsync("nearby");
                return list.GetProperty("friends")[0].GetProperty("name").GetString() == "Beatrix";
            },
            "the list shows the new name");
    }

    [Fact]
    public async Task A_deleted_user_is_closed_on_every_gateway_and_gone_to_friends()
    {
        var (a, b) = await System.NewFriendsAsync();
        await using var phone = await ArriveAsync(b, gateway: 0);
        await using var tablet = await ArriveAsync(b, gateway: 1);
        await using var watcher = await ArriveAsync(a, gateway: 0);

        await b.SendAsync(HttpMethod.Delete, "v1/me");

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
        Assert.Equal(4403, await phone.ExpectCloseAsync());
        Assert.Equal(4403, await tablet.ExpectCloseAsync());
    }

    [Fact]
    public async Task The_last_watcher_who_leaves_ends_the_subscriptions()
    {
        var (a, b) = await System.NewFriendsAsync();
        await Eventually.True(async () => (await fanout.SubscribedChannelsAsync()).Count == 0, "nobody subscribes while nobody is connected");
        var first = await ArriveAsync(a, gateway: 0);
        var second = await ArriveAsync(b, gateway: 0);
        var whileConnected = await fanout.SubscribedChannelsAsync();

        await first.DisposeAsync();
        await second.LocateAsync(Latitude + Kilometre, Longitude);
        await Eventually.True(
            async () => (await fanout.SubscribedChannelsAsync()).Order(StringComparer.Ordinal).SequenceEqual(whileConnected.Order(StringComparer.Ordinal)),
            "the channels of both stay while one of them watches both");
        await second.DisposeAsync();

        Assert.InRange(whileConnected.Count, 1, 2);
        await Eventually.True(async () => (await fanout.SubscribedChannelsAsync()).Count == 0, "no channel is left");
    }

    [Fact]
    public async Task Strangers_who_consent_see_each_other_about_where_they_are_until_one_leaves_or_hides()
    {
        const double SquareDiagonal = 250 * 1.42;
        var (ada, bo, cy) = (await System.NewUserAsync("Ada"), await System.NewUserAsync("Bo"), await System.NewUserAsync("Cy"));
        foreach (var user in new[] { ada, bo, cy })
        {
            await user.ShowToStrangersAsync(true);
        }

        await using var first = await LookForStrangersAsync(ada, gateway: 0, StrangersLatitude);
        await using var second = await LookForStrangersAsync(bo, gateway: 1, StrangersLatitude + Kilometre);
        var seen = (await first.ExpectStrangersAsync("Bo"))["Bo"];
        Assert.NotEqual(bo.Id, seen.GetProperty("id").GetString());
        Assert.NotEqual(StrangersLatitude + Kilometre, seen.GetProperty("lat").GetDouble(), 6);
        Assert.Equal(1_000, seen.GetProperty("distance").GetDouble(), SquareDiagonal / 2);
        await second.ExpectStrangersAsync("Ada");

        // Who comes later finds both in the cache, and knows them by other pseudonyms.
        await using var third = await LookForStrangersAsync(cy, gateway: 1, StrangersLatitude);
        var seenByThird = (await third.ExpectStrangersAsync("Ada", "Bo"))["Bo"];
        Assert.Equal(seen.GetProperty("lat").GetDouble(), seenByThird.GetProperty("lat").GetDouble());
        Assert.NotEqual(seen.GetProperty("id").GetString(), seenByThird.GetProperty("id").GetString());

        await second.LocateAsync(StrangersLatitude + (20 * Kilometre), Longitude); // where nobody looks
        await first.ExpectStrangersAsync("Cy");
        await third.ExpectStrangersAsync("Ada");
        await second.LocateAsync(StrangersLatitude + (2 * Kilometre), Longitude);
        Assert.Equal(2_000, (await first.ExpectStrangersAsync("Bo", "Cy"))["Bo"].GetProperty("distance").GetDouble(), SquareDiagonal / 2);

        await bo.ShowToStrangersAsync(false);
        await first.ExpectStrangersAsync("Cy");
        await second.ExpectStrangersAsync(); // who is not seen sees nobody
        await cy.ShareAsync(false);
        await first.ExpectStrangersAsync();
    }

    [Fact]
    public async Task Neither_friends_nor_who_blocked_whom_are_strangers_to_each_other()
    {
        const double South = StrangersLatitude - 1;
        var (ada, bo, cy) = (await System.NewUserAsync("Ada"), await System.NewUserAsync("Bo"), await System.NewUserAsync("Cy"));
        foreach (var user in new[] { ada, bo, cy })
        {
            await user.ShowToStrangersAsync(true);
        }

        await using var first = await LookForStrangersAsync(ada, gateway: 0, South);
        await using var second = await LookForStrangersAsync(bo, gateway: 1, South);
        await using var third = await LookForStrangersAsync(cy, gateway: 1, South);
        await first.ExpectStrangersAsync("Bo", "Cy");
        await second.ExpectStrangersAsync("Ada", "Cy");

        await bo.SendAsync(HttpMethod.Put, $"v1/blocks/{ada.Id}");
        await first.ExpectStrangersAsync("Cy");
        await second.ExpectStrangersAsync("Cy");
        await NearbySystem.BefriendAsync(ada, cy);
        await first.ExpectStrangersAsync();
        await third.ExpectStrangersAsync("Bo");

        // Also to who asks anew, on either gateway.
        foreach (var gateway in new[] { 0, 1 })
        {
            await using var again = await ArriveAsync(ada, gateway, South);
            await again.SendAsync(new { type = "strangers", radius = 5_000, @ref = "again" });
            var answer = await again.ExpectAsync("strangers");
            Assert.Equal("again", answer.GetProperty("ref").GetString());
            Assert.Equal((0, 0), (answer.GetProperty("people").GetArrayLength(), answer.GetProperty("total").GetInt32()));
        }
    }

    /// <summary>Distances are told in metres; a metre is what rounding may cost.</summary>
    private static Func<JsonElement, bool> IsAbout(double metres) => entry => Math.Abs(entry.GetProperty("distance").GetDouble() - metres) < 2;

    private static async Task<WireClient> LookForStrangersAsync(TestUser user, int gateway, double latitude)
    {
        var client = await ArriveAsync(user, gateway, latitude);
        await client.SendAsync(new { type = "strangers", radius = 5_000 });
        await client.ExpectAsync("strangers");
        return client;
    }

    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway, double latitude = Latitude)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(latitude, Longitude);
        await client.ExpectAsync("nearby");
        return client;
    }
}
