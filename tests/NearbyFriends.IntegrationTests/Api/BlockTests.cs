using NearbyFriends.Fanout.Frames;


namespace NearbyFriends.IntegrationTests.Api;

[Collection(ApiCollection.Name)]
public sealed class BlockTests(ApiReplicas api)
{
    [Fact]
    public async Task A_blocker_is_an_unknown_user_to_the_blocked()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var unknown = await bob.Call.GetAsync("v1/users?userName=nobody-has-this-name");

        await alice.Call.PutAsync($"v1/blocks/{bob.Id}");

        var found = await bob.Call.GetAsync($"v1/users?userName={alice.UserName}");
        Assert.Equal((404, unknown.Text("title"), unknown.Code), (found.Status, found.Text("title"), found.Code));
        Assert.Equal(404, (await bob.AskAsync(alice)).Status);
        Assert.Equal(404, (await bob.Call.PutAsync($"v1/blocks/{alice.Id}")).Status);
    }

    [Fact]
    public async Task Blocking_ends_the_friendship_and_tells_only_the_blockers_devices()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.BefriendAsync(bob);

        Assert.Equal(204, (await alice.Call.PutAsync($"v1/blocks/{bob.Id}")).Status);
        Assert.Equal(204, (await alice.Call.PutAsync($"v1/blocks/{bob.Id}")).Status);

        Assert.Empty(await bob.FriendsAsync());
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.FriendRemoved, Flag: true }, "the blocker's devices hear");
        await api.Frames.HeardAsync(bob, entry => entry is { Kind: FrameEntryKind.FriendRemoved, Flag: false }, "the blocked drops the friend silently");
    }

    [Fact]
    public async Task Blocking_cancels_requests_both_ways()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var id = (await bob.AskAsync(alice)).Text("id");

        await alice.Call.PutAsync($"v1/blocks/{bob.Id}");
        await alice.Call.DeleteAsync($"v1/blocks/{bob.Id}");

        Assert.Equal(404, (await alice.AcceptAsync(id)).Status);
        Assert.Empty((await bob.Call.GetAsync("v1/friend-requests?direction=outgoing")).Items);
    }

    [Fact]
    public async Task Unblocking_makes_the_user_known_again()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync("Bob"));
        await alice.Call.PutAsync($"v1/blocks/{bob.Id}");
        var listed = Assert.Single((await alice.Call.GetAsync("v1/blocks")).Items);

        Assert.Equal(204, (await alice.Call.DeleteAsync($"v1/blocks/{bob.Id}")).Status);
        Assert.Equal(204, (await alice.Call.DeleteAsync($"v1/blocks/{bob.Id}")).Status);

        Assert.Equal((bob.Id, "Bob"), (listed.GetProperty("id").GetString(), listed.GetProperty("displayName").GetString()));
        Assert.Empty((await alice.Call.GetAsync("v1/blocks")).Items);
        Assert.Equal("pending", (await bob.AskAsync(alice)).Text("state"));
    }
}
