using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>What a gateway relies on, wherever it reads users and friendships.</summary>
public abstract class FriendSourceContract(ApiReplicas api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract IFriendSource Source { get; }

    [Fact]
    public async Task A_user_is_loaded_with_all_friends_in_order()
    {
        var alice = await api.First.RegisterAsync("Alice");
        var friends = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            var friend = await api.First.RegisterAsync();
            await alice.BefriendAsync(friend);
            friends.Add(friend.Number);
        }

        var loaded = await Source.LoadAsync(alice.Number, Cancellation);

        Assert.Equal(new UserFriends(alice.Number, "Alice", true, false, 1, 5, loaded!.Friends), loaded);
        Assert.Equal(friends.Order(), loaded.Friends);
    }

    [Fact]
    public async Task A_user_without_friends_is_loaded() =>
        Assert.Empty((await Source.LoadAsync((await api.First.RegisterAsync()).Number, Cancellation))!.Friends);

    [Fact]
    public async Task A_locked_user_is_loaded_as_such()
    {
        var alice = await api.First.RegisterAsync();
        await using var database = NpgsqlDataSource.Create(api.Settings["ConnectionStrings:users"]);
        await using var command = database.CreateCommand("update users set locked = true where id = $1");
        command.Parameters.Add(new() { Value = alice.Number });
        await command.ExecuteNonQueryAsync(Cancellation);

        Assert.True((await Source.LoadAsync(alice.Number, Cancellation))!.Locked);
    }

    [Fact]
    public async Task Who_does_not_exist_is_null() => Assert.Null(await Source.LoadAsync(1, Cancellation));

    [Fact]
    public async Task A_subject_of_our_own_tokens_is_the_users_id()
    {
        var alice = await api.First.RegisterAsync();

        Assert.Equal(alice.Number, await Source.FindBySubjectAsync(alice.Id, Cancellation));
        Assert.Null(await Source.FindBySubjectAsync("somebody", Cancellation));
        Assert.Null(await Source.FindBySubjectAsync("-1", Cancellation));
    }

    [Fact]
    public async Task Names_of_those_who_exist_are_found()
    {
        var (alice, bob) = (await api.First.RegisterAsync("Alice"), await api.First.RegisterAsync("Björn ☃"));

        var names = await Source.DisplayNamesAsync([alice.Number, 1, bob.Number], Cancellation);

        Assert.Equal(new Dictionary<long, string> { [alice.Number] = "Alice", [bob.Number] = "Björn ☃" }, names);
        Assert.Empty(await Source.DisplayNamesAsync([], Cancellation));
    }

    [Fact]
    public async Task Versions_rise_with_what_gateways_must_learn_of()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.BefriendAsync(bob);
        await bob.Call.PatchAsync("v1/me", new { sharing = false });

        var versions = await Source.VersionsAsync([alice.Number, 1, bob.Number], Cancellation);

        Assert.Equal(
            new[] { new UserVersions(alice.Number, true, 1, 3), new UserVersions(bob.Number, false, 2, 2) }.OrderBy(user => user.UserId),
            versions.OrderBy(user => user.UserId));
    }
}

[Collection(ApiCollection.Name)]
public sealed class FriendDatabaseTests(ApiReplicas api) : FriendSourceContract(api)
{
    protected override IFriendSource Source { get; } = api.Second.Services.GetRequiredService<FriendDatabase>();
}

[Collection(ApiCollection.Name)]
public sealed class FriendApiTests(ApiReplicas api) : FriendSourceContract(api), IDisposable
{
    private readonly FriendApi _source = Connect(api, ApiServer.FriendsKey);
    private readonly FriendApi _stranger = Connect(api, "another key of thirty-two characters");

    protected override IFriendSource Source => _source;

    [Fact]
    public async Task A_wrong_key_is_an_error_not_an_unknown_user() =>
        await Assert.ThrowsAsync<HttpRequestException>(() => _stranger.LoadAsync(1, TestContext.Current.CancellationToken));

    public void Dispose()
    {
        _source.Dispose();
        _stranger.Dispose();
    }

    private static FriendApi Connect(ApiReplicas api, string key) => new(Options.Create(new FriendOptions
    {
        Source = FriendSourceKind.Api,
        ApiUrl = api.Second.ClientOptions.BaseAddress,
        ApiKey = key,
    }));
}
