using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.LocationCache;
using NearbyFriends.TestServers;

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
        await Eventually.True(async () => await cache.ReadAsync(alice.Number) == new CachedLocation(2, null), "the cache has a tombstone");
        Assert.Equal(LocationWrite.Hidden, await cache.WriteAsync(alice.Number, 1, Here()));
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.Sharing, Flag: false, Version: 2 }, "gateways hear of it");

        await alice.Call.PatchAsync("v1/me", new { sharing = true });
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.Sharing, Flag: true, Version: 3 }, "gateways hear of it");
    }

    [Fact]
    public async Task Sharing_ends_by_itself_and_may_be_prolonged_and_begun_again()
    {
        var cache = api.First.Services.GetRequiredService<RedisLocationCache>();
        var alice = await api.First.RegisterAsync();
        await cache.WriteAsync(alice.Number, 1, Here());
        var (soon, later) = (Now + 60_000, Now + 3_600_000);

        Assert.Equal(soon, EndOf(await alice.Call.PatchAsync("v1/me", new { sharing = true, sharingUntil = soon })));
        Assert.Equal(later, EndOf(await alice.Call.PatchAsync("v1/me", new { sharingUntil = later })));
        Assert.Equal(later, EndOf(await alice.Call.PatchAsync("v1/me", new { sharing = true })));
        await Eventually.True(
            async () => await cache.ReadAsync(alice.Number) is { SharingVersion: 3 } cached && cached.SharingUntil == later, "the cache has the later end");
        Assert.Null(EndOf(await alice.Call.PatchAsync("v1/me", new { sharingUntil = (long?)null })));
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.Sharing, Flag: true, Version: 4, Other: 0, Detail: 0 }, "gateways hear of it");

        // An end that has passed when the Api looks at it is refused.
        await Eventually.True(
            async () => (await alice.Call.PatchAsync("v1/me", new { sharingUntil = Now + 500 })).Status == 200, "an end shortly ahead is taken");
        await Eventually.True(
            async () => !(await alice.Call.GetAsync("v1/me")).Body.GetProperty("sharing").GetBoolean(), "sharing ends by itself");
        var again = await alice.Call.PatchAsync("v1/me", new { sharing = true });
        Assert.True(again.Body.GetProperty("sharing").GetBoolean());
        Assert.Null(EndOf(again));
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.Sharing, Flag: false, Version: 6 }, "the end is a change of its own");
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.Sharing, Flag: true, Version: 7, Other: > 0 }, "and so is the beginning");
    }

    [Fact]
    public async Task An_end_of_sharing_that_does_not_lie_ahead_is_refused()
    {
        var alice = await api.First.RegisterAsync();

        foreach (var until in (long[])[Now - 1_000, 0, -1, long.MaxValue])
        {
            Assert.Equal(["sharingUntil"], (await alice.Call.PatchAsync("v1/me", new { sharingUntil = until })).WrongFields);
        }
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
        await Eventually.True(async () => await cache.ReadAsync(alice.Number) is { Location: null }, "the cache has a tombstone");
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

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static long? EndOf(Answer me) => me.Body.GetProperty("sharingUntil") is { ValueKind: JsonValueKind.Number } until ? until.GetInt64() : null;
}
