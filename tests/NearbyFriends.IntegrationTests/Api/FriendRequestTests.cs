using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Fanout.Frames;

namespace NearbyFriends.IntegrationTests.Api;

[Collection(ApiCollection.Name)]
public sealed class FriendRequestTests(ApiReplicas api)
{
    [Fact]
    public async Task An_accepted_request_makes_both_friends_and_tells_the_gateways()
    {
        var (alice, bob) = (await api.First.RegisterAsync("Alice"), await api.First.RegisterAsync("Bob"));

        var request = await alice.AskAsync(bob);
        var accepted = await bob.AcceptAsync(request.Text("id"));

        Assert.Equal(201, request.Status);
        Assert.Equal((alice.Id, bob.Id, "pending"), (request.Text("from"), request.Text("to"), request.Text("state")));
        Assert.Equal((200, "accepted"), (accepted.Status, accepted.Text("state")));
        Assert.Equal([bob.Id], await alice.FriendsAsync());
        Assert.Equal([alice.Id], await bob.FriendsAsync());
        foreach (var (one, other) in new[] { (alice, bob), (bob, alice) })
        {
            await api.Frames.HeardAsync(
                one, entry => entry.Kind == FrameEntryKind.FriendAdded && entry.Other == other.Number && entry.Version == 3, "each hears of the other");
        }
    }

    [Fact]
    public async Task A_pending_request_is_listed_to_both_until_it_is_answered()
    {
        var (alice, bob) = (await api.First.RegisterAsync("Alice"), await api.First.RegisterAsync("Bob"));
        var id = (await alice.AskAsync(bob)).Text("id");

        var incoming = Assert.Single((await bob.Call.GetAsync("v1/friend-requests")).Items);
        var outgoing = Assert.Single((await alice.Call.GetAsync("v1/friend-requests?direction=outgoing")).Items);
        await bob.AcceptAsync(id);

        Assert.Equal((id, "Alice"), (incoming.GetProperty("id").GetString(), incoming.GetProperty("displayName").GetString()));
        Assert.Equal((id, "Bob"), (outgoing.GetProperty("id").GetString(), outgoing.GetProperty("displayName").GetString()));
        Assert.Empty((await bob.Call.GetAsync("v1/friend-requests")).Items);
        Assert.Empty((await alice.Call.GetAsync("v1/friend-requests?direction=outgoing")).Items);
    }

    [Fact]
    public async Task Requests_are_paged_by_an_opaque_cursor()
    {
        var bob = await api.First.RegisterAsync();
        var asking = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var user = await api.First.RegisterAsync();
            await user.AskAsync(bob);
            asking.Add(user.Id);
        }

        var listed = new List<string>();
        for (var path = "v1/friend-requests?limit=2"; path is not null;)
        {
            var page = await bob.Call.GetAsync(path);
            Assert.InRange(page.Items.Count(), 1, 2);
            listed.AddRange(page.Items.Select(request => request.GetProperty("from").GetString()!));
            path = page.Body.GetProperty("cursor").GetString() is { } cursor ? $"v1/friend-requests?limit=2&cursor={cursor}" : null;
        }

        Assert.Equal(asking.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Asking_again_changes_nothing()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());

        var first = await alice.AskAsync(bob);
        var second = await alice.AskAsync(bob);

        Assert.Equal((200, "pending", first.Text("id")), (second.Status, second.Text("state"), second.Text("id")));
    }

    [Fact]
    public async Task Asking_back_accepts()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.AskAsync(bob);

        var answer = await bob.AskAsync(alice);

        Assert.Equal((201, "accepted"), (answer.Status, answer.Text("state")));
        Assert.Equal([alice.Id], await bob.FriendsAsync());
    }

    [Fact]
    public async Task Only_the_addressee_may_answer()
    {
        var (alice, bob, eve) = (await api.First.RegisterAsync(), await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var id = (await alice.AskAsync(bob)).Text("id");

        Assert.Equal(404, (await alice.AcceptAsync(id)).Status);
        Assert.Equal(404, (await eve.AcceptAsync(id)).Status);
        Assert.Equal(404, (await eve.DeclineAsync(id)).Status);
        Assert.Empty(await bob.FriendsAsync());
    }

    [Fact]
    public async Task Who_asked_takes_it_back_as_long_as_it_is_not_answered()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var id = (await alice.AskAsync(bob)).Text("id");

        Assert.Equal(404, (await bob.CancelAsync(id)).Status);
        Assert.Equal(204, (await alice.CancelAsync(id)).Status);
        Assert.Equal(404, (await bob.AcceptAsync(id)).Status);
        Assert.Equal(201, (await alice.AskAsync(bob)).Status);
        await bob.DeclineAsync(id);
        Assert.Equal(204, (await alice.CancelAsync(id)).Status);
        Assert.Equal(409, (await alice.AskAsync(bob)).Status);
    }

    [Fact]
    public async Task Answering_twice_answers_the_same()
    {
        var (alice, bob, carol) = (await api.First.RegisterAsync(), await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var accepted = (await alice.AskAsync(bob)).Text("id");
        var declined = (await alice.AskAsync(carol)).Text("id");

        await bob.AcceptAsync(accepted);
        await carol.DeclineAsync(declined);

        Assert.Equal("accepted", (await bob.AcceptAsync(accepted)).Text("state"));
        Assert.Equal("declined", (await carol.DeclineAsync(declined)).Text("state"));
        Assert.Equal(404, (await bob.DeclineAsync(accepted)).Status);
        Assert.Equal(404, (await carol.AcceptAsync(declined)).Status);
    }

    [Fact]
    public async Task Who_declined_may_still_ask()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await bob.DeclineAsync((await alice.AskAsync(bob)).Text("id"));

        var back = await bob.AskAsync(alice);

        Assert.Equal("pending", back.Text("state"));
        Assert.Equal("accepted", (await alice.AskAsync(bob)).Text("state"));
    }

    [Fact]
    public async Task A_declined_request_can_be_repeated_after_30_days()
    {
        var clock = new ShiftedClock();
        await using var later = await ApiServer.StartAsync(api.Settings, replace: services => services.AddSingleton<TimeProvider>(clock));
        var (alice, bob) = (await later.RegisterAsync(), await later.RegisterAsync());
        await bob.DeclineAsync((await alice.AskAsync(bob)).Text("id"));

        clock.Ahead = TimeSpan.FromDays(29.9);
        alice = await later.SignInAsync(alice.Id, alice.UserName);
        Assert.Equal("request-declined", (await alice.AskAsync(bob)).Code);
        clock.Ahead = TimeSpan.FromDays(30.1);
        Assert.Equal("pending", (await alice.AskAsync(bob)).Text("state"));
    }

    [Fact]
    public async Task Ending_a_friendship_is_told_to_both_and_marks_who_ended_it()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.BefriendAsync(bob);

        var removed = await alice.Call.DeleteAsync($"v1/friends/{bob.Id}");
        var again = await alice.Call.DeleteAsync($"v1/friends/{bob.Id}");

        Assert.Equal((204, 204), (removed.Status, again.Status));
        Assert.Empty(await alice.FriendsAsync());
        Assert.Empty(await bob.FriendsAsync());
        await api.Frames.HeardAsync(alice, entry => entry is { Kind: FrameEntryKind.FriendRemoved, Flag: true, Version: 4 }, "the remover hears");
        await api.Frames.HeardAsync(bob, entry => entry is { Kind: FrameEntryKind.FriendRemoved, Flag: false, Version: 4 }, "the removed hears");
    }
}

/// <summary>The system's clock, ahead by as much as a test likes.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
