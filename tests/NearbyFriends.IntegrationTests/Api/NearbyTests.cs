using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core.Geo;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.LocationCache;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Api;

[Collection(ApiCollection.Name)]
public sealed class NearbyTests(ApiReplicas api)
{
    private const double MetresPerDegree = 111_195;

    [Fact]
    public async Task Friends_inside_the_radius_are_listed_nearest_first()
    {
        var alice = await api.First.RegisterAsync();
        var (near, far, farther) = (await FriendAsync(alice, "Near", 300), await FriendAsync(alice, "Far", 2_000), await FriendAsync(alice, "Farther", 9_000));
        await MoveAsync(alice, 0);

        var list = await alice.Call.GetAsync("v1/nearby");
        var wide = await alice.Call.GetAsync("v1/nearby?radius=10000");

        Assert.Equal([near.Id, far.Id], Ids(list));
        Assert.Equal(2, list.Body.GetProperty("total").GetInt32());
        Assert.Equal([near.Id, far.Id, farther.Id], Ids(wide));
        var first = list.Body.GetProperty("friends")[0];
        Assert.Equal("Near", first.GetProperty("name").GetString());
        Assert.InRange(first.GetProperty("distance").GetDouble(), 299, 301);
        Assert.InRange(first.GetProperty("lat").GetDouble(), 0.0026, 0.0028);
    }

    [Fact]
    public async Task Pages_keep_the_first_pages_order_and_leave_out_who_left()
    {
        var alice = await api.First.RegisterAsync();
        await MoveAsync(alice, 0);
        var friends = new List<TestUser>();
        for (var i = 1; i <= 5; i++)
        {
            friends.Add(await FriendAsync(alice, $"Friend {i}", 100 * i));
        }

        var first = await alice.Call.GetAsync("v1/nearby?limit=2");
        await MoveAsync(friends[4], 1); // now the nearest, yet its place in the list stays
        await friends[2].Call.PatchAsync("v1/me", new { sharing = false });
        var second = await alice.At(api.Second).Call.GetAsync($"v1/nearby?limit=2&cursor={first.Text("cursor")}");

        Assert.Equal([friends[0].Id, friends[1].Id], Ids(first));
        Assert.Equal([friends[3].Id, friends[4].Id], Ids(second));
        Assert.InRange(second.Body.GetProperty("friends")[1].GetProperty("distance").GetDouble(), 0, 2);
        Assert.Equal(5, second.Body.GetProperty("total").GetInt32());
        Assert.Equal(JsonValueKind.Null, second.Body.GetProperty("cursor").ValueKind);
    }

    [Fact]
    public async Task Of_many_lists_the_last_four_are_kept()
    {
        var alice = await api.First.RegisterAsync();
        await MoveAsync(alice, 0);
        await FriendAsync(alice, "One", 100);
        await FriendAsync(alice, "Two", 200);
        var cursors = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            cursors.Add((await alice.Call.GetAsync("v1/nearby?limit=1")).Text("cursor"));
        }

        var answers = new List<int>();
        foreach (var cursor in cursors)
        {
            answers.Add((await alice.Call.GetAsync($"v1/nearby?limit=1&cursor={cursor}")).Status);
        }

        Assert.Equal([410, 200, 200, 200, 200], answers);
    }

    [Fact]
    public async Task Somebody_elses_cursor_is_no_cursor()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await MoveAsync(alice, 0);
        await FriendAsync(alice, "One", 100);
        await FriendAsync(alice, "Two", 200);
        var cursor = (await alice.Call.GetAsync("v1/nearby?limit=1")).Text("cursor");

        Assert.Equal("cursor-expired", (await bob.Call.GetAsync($"v1/nearby?cursor={cursor}")).Code);
    }

    [Fact]
    public async Task Who_does_not_share_sees_nobody()
    {
        var alice = await api.First.RegisterAsync();
        await FriendAsync(alice, "Near", 300);
        await MoveAsync(alice, 0);

        await alice.Call.PatchAsync("v1/me", new { sharing = false });

        var list = await alice.Call.GetAsync("v1/nearby");
        Assert.Equal((200, 0), (list.Status, list.Body.GetProperty("total").GetInt32()));
    }

    [Fact]
    public async Task A_location_that_outlived_its_users_consent_is_not_shown()
    {
        var alice = await api.First.RegisterAsync();
        var bob = await FriendAsync(alice, "Bob", 300);
        await MoveAsync(alice, 0);

        // Sharing off and on again: version 3. The cache still has a location of version 1, as if it had been away.
        await bob.Call.PatchAsync("v1/me", new { sharing = false });
        await bob.Call.PatchAsync("v1/me", new { sharing = true });
        var cache = api.First.Services.GetRequiredService<RedisLocationCache>();
        await Eventually.True(async () => await cache.ReadAsync(bob.Number) is { SharingVersion: 2, Location: null }, "the tombstone is written");
        await api.First.Services.GetRequiredKeyedService<StackExchange.Redis.IConnectionMultiplexer>("location-cache").GetDatabase()
            .KeyDeleteAsync($"loc:{bob.Id}");
        await MoveAsync(bob, 300);

        Assert.Empty(Ids(await alice.Call.GetAsync("v1/nearby")));
    }

    [Fact]
    public async Task Who_is_no_friend_is_not_listed()
    {
        var alice = await api.First.RegisterAsync();
        var bob = await FriendAsync(alice, "Bob", 300);
        await MoveAsync(alice, 0);

        await bob.Call.DeleteAsync($"v1/friends/{alice.Id}");

        Assert.Empty(Ids(await alice.Call.GetAsync("v1/nearby")));
    }

    private async Task<TestUser> FriendAsync(TestUser of, string name, double metresNorth)
    {
        var friend = await api.First.RegisterAsync(name);
        await of.BefriendAsync(friend);
        await MoveAsync(friend, metresNorth);
        return friend;
    }

    private async Task MoveAsync(TestUser user, double metresNorth)
    {
        var cache = api.First.Services.GetRequiredService<RedisLocationCache>();
        var written = await cache.WriteAsync(
            user.Number, 1, Location.FromDegrees(metresNorth / MetresPerDegree, 0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
        Assert.Equal(LocationWrite.Current, written);
    }

    private static IEnumerable<string?> Ids(Answer list) =>
        list.Body.GetProperty("friends").EnumerateArray().Select(friend => friend.GetProperty("id").GetString());
}
