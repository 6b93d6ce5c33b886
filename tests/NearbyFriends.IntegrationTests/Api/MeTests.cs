using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.LocationCache;

namespace NearbyFriends.IntegrationTests.Api;

[Collection(ApiCollection.Name)]
public sealed class MeTests(ApiReplicas api)
{
    [Fact]
    public async Task A_new_user_shares_in_Development_and_is_found_by_name_in_any_case()
    {
        var (alice, bob) = (await api.First.RegisterAsync("Alice"), await api.First.RegisterAsync());

        var me = await alice.Call.GetAsync("v1/me");
        var found = await bob.Call.GetAsync($"v1/users?userName={alice.UserName.ToUpperInvariant()}");

        Assert.Equal((alice.Id, alice.UserName, "Alice"), (me.Text("id"), me.Text("userName"), me.Text("displayName")));
        Assert.True(me.Body.GetProperty("sharing").GetBoolean());
        Assert.True(me.Body.GetProperty("discoverable").GetBoolean());
        Assert.Equal((200, alice.Id, "Alice"), (found.Status, found.Text("id"), found.Text("displayName")));
    }

    [Fact]
    public async Task Who_is_not_discoverable_is_not_found()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());

        await alice.Call.PatchAsync("v1/me", new { discoverable = false });

        Assert.Equal("not-found", (await bob.Call.GetAsync($"v1/users?userName={alice.UserName}")).Code);
        Assert.Equal(200, (await alice.Call.GetAsync($"v1/users?userName={alice.UserName}")).Status);
    }

    [Fact]
    public async Task A_change_leaves_the_rest_as_it_is_and_ignores_unknown_fields()
    {
        var alice = await api.First.RegisterAsync("Alice");

        var changed = await alice.Call.PatchAsync("v1/me", new { displayName = "  Zoe\u0308 B. ", favouriteColour = "green" });

        Assert.Equal("Zo\u00EB B.", changed.Text("displayName"));
        Assert.True(changed.Body.GetProperty("sharing").GetBoolean());
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.ProfileChanged, Version: 2 }, "gateways hear of the new name");
    }

    [Fact]
    public async Task Ending_sharing_hides_at_once_and_a_late_write_does_not_unhide()
    {
        var cache = api.First.Services.GetRequiredService<RedisLocationCache>();
        var alice = await api.First.RegisterAsync();
        await cache.WriteAsync(alice.Number, 1, Here());

        var changed = await alice.Call.PatchAsync("v1/me", new { sharing = false });

        Assert.False(changed.Body.GetProperty("sharing").GetBoolean());
        Assert.Equal(new CachedLocation(2, null), (await cache.ReadAsync([alice.Number]))[0]);
        Assert.Equal(LocationWrite.Hidden, await cache.WriteAsync(alice.Number, 1, Here()));
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.Sharing, Flag: false, Version: 2 }, "gateways hear of it");

        await alice.Call.PatchAsync("v1/me", new { sharing = true });
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.Sharing, Flag: true, Version: 3 }, "gateways hear of it");
    }

    [Fact]
    public async Task Switching_to_what_is_already_so_changes_no_version()
    {
        var alice = await api.First.RegisterAsync();

        await alice.Call.PatchAsync("v1/me", new { sharing = true });
        await alice.Call.PatchAsync("v1/me", new { sharing = false });

        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.Sharing, Version: 2 }, "gateways hear of the second");
        Assert.Single(api.Frames.About(alice));
    }

    [Fact]
    public async Task A_deleted_user_is_gone_everywhere()
    {
        var cache = api.First.Services.GetRequiredService<RedisLocationCache>();
        var (alice, bob, carol) = (await api.First.RegisterAsync(), await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.BefriendAsync(bob);
        await alice.AskAsync(carol);
        await cache.WriteAsync(alice.Number, 1, Here());

        Assert.Equal(204, (await alice.Call.DeleteAsync("v1/me")).Status);

        Assert.Empty(await bob.FriendsAsync());
        Assert.Empty((await carol.Call.GetAsync("v1/friend-requests")).Items);
        Assert.Equal("not-found", (await bob.Call.GetAsync($"v1/users?userName={alice.UserName}")).Code);
        Assert.Null((await cache.ReadAsync([alice.Number]))[0]!.Value.Location);
        await api.Frames.HeardAsync(alice, entry => entry.Kind == FrameEntryKind.UserDeleted, "gateways hear of it");
    }

    [Fact]
    public async Task The_token_of_a_deleted_user_is_worth_nothing_on_any_replica()
    {
        var alice = await api.First.RegisterAsync();
        await alice.Call.DeleteAsync("v1/me");

        foreach (var replica in new[] { api.First, api.Second })
        {
            var answer = await alice.At(replica).Call.GetAsync("v1/me");
            Assert.Equal((401, "unauthenticated"), (answer.Status, answer.Code));
            Assert.Contains("invalid_token", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_deleted_users_name_is_free_again()
    {
        var alice = await api.First.RegisterAsync();
        await alice.Call.DeleteAsync("v1/me");

        var next = await api.First.Connect().PostAsync("v1/users", new { userName = alice.UserName, displayName = "Next" });

        Assert.Equal(201, next.Status);
        Assert.NotEqual(alice.Id, next.Text("id"));
    }

    private static Location Here() => Location.FromDegrees(37.5665, 126.978, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
}
