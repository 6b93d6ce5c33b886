using NearbyFriends.Fanout.Frames;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>Requests at the same moment, through both replicas.</summary>
[Collection(ApiCollection.Name)]
public sealed class FriendConcurrencyTests(ApiReplicas api)
{
    private const int Rounds = 10;

    [Fact]
    public async Task Requests_that_cross_make_one_friendship()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());

            var answers = await Task.WhenAll(alice.AskAsync(bob), bob.At(api.Second).AskAsync(alice));

            Assert.Equal(["accepted", "pending"], answers.Select(answer => answer.Text("state")).Order(StringComparer.Ordinal));
            await AssertFriendsAsync(alice, bob);
        }
    }

    [Fact]
    public async Task Of_many_accepts_one_makes_the_friendship_and_all_succeed()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            var id = (await alice.AskAsync(bob)).Text("id");

            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => bob.At(i % 2 == 0 ? api.First : api.Second).AcceptAsync(id)));

            Assert.All(answers, answer => Assert.Equal("accepted", answer.Text("state")));
            await AssertFriendsAsync(alice, bob);
        }
    }

    [Fact]
    public async Task An_accept_and_a_block_at_once_end_in_no_friendship()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            var id = (await alice.AskAsync(bob)).Text("id");

            var answers = await Task.WhenAll(bob.AcceptAsync(id), alice.At(api.Second).Call.PutAsync($"v1/blocks/{bob.Id}"));

            Assert.Contains(answers[0].Status, new[] { 200, 404 });
            Assert.Equal(204, answers[1].Status);
            Assert.Empty(await alice.FriendsAsync());
            Assert.Empty(await bob.FriendsAsync());
        }
    }

    [Fact]
    public async Task Of_an_accept_and_a_decline_at_once_one_wins()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            var id = (await alice.AskAsync(bob)).Text("id");

            var answers = await Task.WhenAll(bob.AcceptAsync(id), bob.At(api.Second).DeclineAsync(id));

            Assert.Equal([200, 404], answers.Select(answer => answer.Status).Order());
            Assert.Equal(answers[0].Status == 200 ? [alice.Id] : [], await bob.FriendsAsync());
        }
    }

    [Fact]
    public async Task Nobody_gets_more_friends_than_the_limit()
    {
        const int Limit = 3;
        var settings = new Dictionary<string, string>(api.Settings, StringComparer.Ordinal) { ["Friends:MaxFriends"] = $"{Limit}" };
        await using var one = await ApiServer.StartAsync(settings);
        await using var two = await ApiServer.StartAsync(settings);
        var bob = await one.RegisterAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3 * Limit; i++)
        {
            ids.Add((await (await one.RegisterAsync()).AskAsync(bob)).Text("id"));
        }

        var answers = await Task.WhenAll(ids.Select((id, i) => bob.At(i % 2 == 0 ? one : two).AcceptAsync(id)));

        Assert.Equal(Limit, answers.Count(answer => answer.Status == 200));
        Assert.Equal(2 * Limit, answers.Count(answer => answer.Code == "friend-limit"));
        Assert.Equal(Limit, (await bob.FriendsAsync()).Count);
    }

    [Fact]
    public async Task Friends_who_switch_sharing_at_once_all_succeed_and_touch_nobody_else()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => api.First.RegisterAsync()));
        foreach (var (one, other) in users.SelectMany((one, i) => users.Skip(i + 1).Select(other => (one, other))))
        {
            await one.BefriendAsync(other);
        }

        var answers = await Task.WhenAll(users.Select((user, i) =>
            user.At(i % 2 == 0 ? api.First : api.Second).Call.PatchAsync("v1/me", new { sharing = false })));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        await using var database = NpgsqlDataSource.Create(api.Settings["ConnectionStrings:users"]);
        await using var versions = database.CreateCommand("select sharing_version, friends_version, friend_count from users where id = any($1)");
        versions.Parameters.Add(new() { Value = users.Select(user => user.Number).ToArray() });
        await using var row = await versions.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await row.ReadAsync(TestContext.Current.CancellationToken))
        {
            // Version 1, four requests and friendships.
            Assert.Equal((2L, 9L, 4), (row.GetInt64(0), row.GetInt64(1), row.GetInt32(2)));
        }
    }

    [Fact]
    public async Task A_friendship_and_the_deletion_of_one_side_at_once_leave_no_half_of_it()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
            var id = (await alice.AskAsync(bob)).Text("id");

            var answers = await Task.WhenAll(bob.AcceptAsync(id), alice.At(api.Second).Call.DeleteAsync("v1/me"));

            Assert.Equal(204, answers[1].Status);
            Assert.Empty(await bob.FriendsAsync());
        }
    }

    [Fact]
    public async Task A_user_name_goes_to_one_of_those_who_want_it()
    {
        var name = $"Wanted-{Guid.NewGuid():N}"[..20];

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? api.First : api.Second).Connect().PostAsync(
            "v1/users", new { userName = i < 3 ? name : name.ToUpperInvariant(), displayName = "Wanted" })));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(5, answers.Count(answer => answer.Code == "name-taken"));
    }

    private async Task AssertFriendsAsync(TestUser alice, TestUser bob)
    {
        Assert.Equal([bob.Id], await alice.FriendsAsync());
        Assert.Equal([alice.Id], await bob.FriendsAsync());
        await Eventually.True(
            () => api.Frames.About(alice).Count(entry => entry.Kind == FrameEntryKind.FriendAdded) == 1
                && api.Frames.About(bob).Count(entry => entry.Kind == FrameEntryKind.FriendAdded) == 1,
            "each hears of the friendship once");
    }
}
