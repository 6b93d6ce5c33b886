using System.Text.Json;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>More friends than fit a page: cursors, and what ends them.</summary>
public sealed class PagingTests(Servers servers)
{
    private const double Latitude = -1.2921;
    private const double Longitude = 36.8219;

    /// <summary>A kilometre north, in degrees.</summary>
    private const double Kilometre = 1 / 111.195;

    private const int Friends = 45;

    [Fact]
    public async Task Pages_of_20_walk_all_friends_by_distance_until_a_new_list_ends_the_cursor()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Flush", "00:00:00"), ("Gateway:SessionsPerUser", "1000"));
        var user = await system.NewUserAsync("Ada");
        await ArriveFriendsAsync(system, user);
        await using var client = await user.ConnectAsync(gateway: 1);
        await client.LocateAsync(Latitude, Longitude);
        var first = await client.ExpectAsync("nearby");

        await client.SendAsync(new { type = "page", cursor = Cursor(first), @ref = "2" });
        var second = await client.ExpectAsync("nearby");
        await client.SendAsync(new { type = "page", cursor = Cursor(second), @ref = "3" });
        var third = await client.ExpectAsync("nearby");

        JsonElement[] pages = [first, second, third];
        Assert.Equal([1, 2, 3], pages.Select(page => page.GetProperty("page").GetInt32()));
        Assert.All(pages, page => Assert.Equal((1, Friends), (page.GetProperty("list").GetInt32(), page.GetProperty("total").GetInt32())));
        Assert.Equal([20, 20, 5], pages.Select(page => page.GetProperty("friends").GetArrayLength()));
        Assert.Null(Cursor(third));
        Assert.Equal("3", third.GetProperty("ref").GetString());
        var shown = pages.SelectMany(page => page.GetProperty("friends").EnumerateArray()).ToArray();
        Assert.Equal(Friends, shown.Select(friend => friend.GetProperty("id").GetString()).Distinct().Count());
        var distances = shown.Select(friend => friend.GetProperty("distance").GetDouble()).ToArray();
        Assert.Equal(distances.Order(), distances);

        // A page may be asked for again; a radius opens a new list, and with it the old cursor ends.
        await client.SendAsync(new { type = "page", cursor = Cursor(first) });
        Assert.Equal(2, (await client.ExpectAsync("nearby")).GetProperty("page").GetInt32());
        await client.SendAsync(new { type = "radius", metres = 1_050, @ref = "closer" });
        var smaller = await client.ExpectAsync("nearby");
        Assert.Equal((2, 10, "closer"), (smaller.GetProperty("list").GetInt32(), smaller.GetProperty("total").GetInt32(), smaller.GetProperty("ref").GetString()));
        await client.SendAsync(new { type = "page", cursor = Cursor(first), @ref = "old" });
        var expired = await client.ExpectAsync("error");
        Assert.Equal(("cursor_expired", "old"), (expired.GetProperty("code").GetString(), expired.GetProperty("ref").GetString()));
    }

    /// <summary>So many friends, 100 m apart, each of whom sent its location once.</summary>
    private static async Task ArriveFriendsAsync(NearbySystem system, TestUser user)
    {
        for (var i = 1; i <= Friends; i++)
        {
            var friend = await system.NewUserAsync("Friend");
            await NearbySystem.BefriendAsync(user, friend);
            var address = new Uri(system.Gateways[0], "v1/location").ToString();
            var time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            using var sent = await system.CallAsync(
                HttpMethod.Post, address, friend.Token, new { lat = Latitude + (i * Kilometre / 10), lon = Longitude, time });
            Assert.True(sent.IsSuccessStatusCode);
        }
    }

    private static string? Cursor(JsonElement page) => page.GetProperty("cursor").GetString();
}
