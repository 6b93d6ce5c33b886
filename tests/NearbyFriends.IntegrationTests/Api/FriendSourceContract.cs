using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
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

        Assert.Equal(new UserFriends(alice.Number, "Alice", new(true, 1, 0), false, 9, loaded!.Friends), loaded);
        Assert.Equal(friends.Order(), loaded.Friends);
    }

    [Fact]
    public async Task A_user_without_friends_is_loaded() =>
        Assert.Empty((await Source.LoadAsync((await api.First.RegisterAsync()).Number, Cancellation))!.Friends);

    [Fact]
    public async Task A_locked_user_is_loaded_as_such()
    {
        var alice = await api.First.RegisterAsync();
        await ExecuteAsync("update users set locked = true where id = $1", alice.Number);

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
    public async Task A_device_leads_to_its_user_by_its_password_until_it_is_taken_away()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var added = await alice.Call.PostAsync("v1/me/devices", new { name = " Phone " });
        var password = added.Text("password");
        Assert.Equal((201, alice.UserName, "Phone"), (added.Status, added.Text("userName"), added.Text("name")));

        Assert.Equal(alice.Number, await Source.FindByDeviceAsync(alice.UserName.ToUpperInvariant(), password, Cancellation));
        Assert.Null(await Source.FindByDeviceAsync(bob.UserName, password, Cancellation));
        Assert.Null(await Source.FindByDeviceAsync(alice.UserName, password + "x", Cancellation));
        Assert.Null(await Source.FindByDeviceAsync("nobody", password, Cancellation));
        var listed = Assert.Single((await alice.Call.GetAsync("v1/me/devices")).Items);
        Assert.Equal(["id", "name", "createdAt"], listed.EnumerateObject().Select(member => member.Name));
        await ExecuteAsync("update users set locked = true where id = $1", alice.Number);
        Assert.Null(await Source.FindByDeviceAsync(alice.UserName, password, Cancellation));
        await ExecuteAsync("update users set locked = false where id = $1", alice.Number);

        Assert.Equal(204, (await bob.Call.DeleteAsync($"v1/me/devices/{added.Text("id")}")).Status);
        Assert.Equal(alice.Number, await Source.FindByDeviceAsync(alice.UserName, password, Cancellation));
        Assert.Equal(204, (await alice.Call.DeleteAsync($"v1/me/devices/{added.Text("id")}")).Status);
        Assert.Null(await Source.FindByDeviceAsync(alice.UserName, password, Cancellation));
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
    public async Task Sharing_is_found_with_its_version_and_the_time_at_which_it_began_again()
    {
        var alice = await api.First.RegisterAsync();
        Assert.Equal(new UserSharing(true, 1, 0), await Source.FindSharingAsync(alice.Number, Cancellation));

        await alice.Call.PatchAsync("v1/me", new { sharing = false });
        Assert.Equal(new UserSharing(false, 2, 0), await Source.FindSharingAsync(alice.Number, Cancellation));

        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await alice.Call.PatchAsync("v1/me", new { sharing = true });
        var sharing = (await Source.FindSharingAsync(alice.Number, Cancellation))!.Value;
        Assert.Equal((true, 3), (sharing.IsOn, sharing.Version));
        Assert.InRange(sharing.Since, before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal(sharing, (await Source.LoadAsync(alice.Number, Cancellation))!.Sharing);
        Assert.Null(await Source.FindSharingAsync(1, Cancellation));
    }

    [Fact]
    public async Task The_end_of_sharing_and_what_friends_show_are_loaded_and_their_changes_are_in_the_journal()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.BefriendAsync(bob);
        var until = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 3_600_000;
        await alice.Call.PatchAsync("v1/me", new { sharingUntil = until });
        await alice.Call.PutAsync($"v1/friends/{bob.Id}/visibility", new { shows = "nothing" });
        await alice.Call.PutAsync($"v1/friends/{bob.Id}/visibility", new { shows = "approximate", until });

        var shown = new FriendVisibility(Visibility.Approximate, until, Visibility.Nothing);
        Assert.Equal(new UserSharing(true, 2, 0, until), await Source.FindSharingAsync(alice.Number, Cancellation));
        Assert.Equal(new UserSharing(true, 2, 0, until), (await Source.LoadAsync(alice.Number, Cancellation))!.Sharing);
        Assert.Empty((await Source.LoadAsync(alice.Number, Cancellation))!.Sees);
        Assert.Equal(new Dictionary<long, FriendVisibility> { [alice.Number] = shown }, (await Source.LoadAsync(bob.Number, Cancellation))!.Sees);
        var changes = (await Source.ReadChangesAsync(null, TimeSpan.FromHours(1), Cancellation)).Changes;
        Assert.Contains(changes, change => change == new Change(alice.Number, ChangeKind.SharingEndChanged, 2, 0, change.ChangedAt, until));
        Assert.Contains(changes, change => change == new Change(alice.Number, ChangeKind.ShowsChanged, 5, bob.Number, change.ChangedAt, shown.Packed));
        Assert.Contains(changes, change => change == new Change(bob.Number, ChangeKind.SeesChanged, 5, alice.Number, change.ChangedAt, shown.Packed));
    }

    [Fact]
    public async Task Alerts_are_loaded_and_each_change_of_them_is_in_the_journal()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.BefriendAsync(bob);
        Assert.Empty((await Source.LoadAsync(alice.Number, Cancellation))!.Alerts);
        foreach (var within in new[] { 500, 500, 700 })
        {
            await alice.Call.PutAsync($"v1/alerts/{bob.Id}", new { within });
        }

        await alice.Call.PutAsync("v1/alerts/anyone", new { within = 50, cooldown = 60 });

        Assert.Equal(
            new Dictionary<long, AlertRule> { [bob.Number] = new(700, 3_600), [AlertRule.Anyone] = new(50, 60) },
            (await Source.LoadAsync(alice.Number, Cancellation))!.Alerts);
        Assert.Equal(
            [(ChangeKind.AlertsChanged, 4, 0), (ChangeKind.AlertsChanged, 5, 0), (ChangeKind.AlertsChanged, 6, 0)],
            ChangesOf(alice, await Source.ReadChangesAsync(null, TimeSpan.FromHours(1), Cancellation)).Where(change => change.Kind == ChangeKind.AlertsChanged));
    }

    [Fact]
    public async Task Consent_to_strangers_is_found_with_its_version_and_each_switch_is_in_the_journal()
    {
        var alice = await api.First.RegisterAsync();
        foreach (var strangers in new[] { true, true, false, true })
        {
            await alice.Call.PatchAsync("v1/me", new { strangers });
        }

        Assert.Equal(new UserSharing(true, 1, 0, StrangersVersion: 3), await Source.FindSharingAsync(alice.Number, Cancellation));
        Assert.Equal(3, (await Source.LoadAsync(alice.Number, Cancellation))!.Sharing.StrangersVersion);
        Assert.Equal(
            [(ChangeKind.StrangersStarted, 1, 0), (ChangeKind.StrangersEnded, 2, 0), (ChangeKind.StrangersStarted, 3, 0)],
            ChangesOf(alice, await Source.ReadChangesAsync(null, TimeSpan.FromHours(1), Cancellation)));
        await alice.Call.PatchAsync("v1/me", new { strangers = false });
        Assert.Equal(0, (await Source.FindSharingAsync(alice.Number, Cancellation))!.Value.StrangersVersion);
    }

    [Fact]
    public async Task A_block_is_found_from_both_sides_until_it_ends_and_both_journals_have_it()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.BefriendAsync(bob);

        await alice.Call.PutAsync($"v1/blocks/{bob.Id}");

        Assert.Equal([bob.Number], await Source.LoadBlocksAsync(alice.Number, Cancellation));
        Assert.Equal([alice.Number], await Source.LoadBlocksAsync(bob.Number, Cancellation));
        var tail = await Source.ReadChangesAsync(null, TimeSpan.FromHours(1), Cancellation);
        Assert.Equal((ChangeKind.Blocked, 5, bob.Number), ChangesOf(alice, tail).Last());
        Assert.Equal((ChangeKind.Blocked, 5, alice.Number), ChangesOf(bob, tail).Last());
        Assert.Equal(5, (await Source.LoadAsync(bob.Number, Cancellation))!.FriendsVersion);

        await alice.Call.DeleteAsync($"v1/blocks/{bob.Id}");
        Assert.Empty(await Source.LoadBlocksAsync(alice.Number, Cancellation));
        Assert.Empty(await Source.LoadBlocksAsync(bob.Number, Cancellation));
    }

    [Fact]
    public async Task Every_change_that_gateways_must_learn_of_is_in_the_journal_once()
    {
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        await alice.BefriendAsync(bob);
        await alice.Call.PatchAsync("v1/me", new { displayName = "Alice B." });
        await alice.Call.PatchAsync("v1/me", new { sharing = false });
        await alice.Call.PatchAsync("v1/me", new { sharing = true, discoverable = false });
        await alice.Call.DeleteAsync($"v1/friends/{bob.Id}");
        await alice.Call.DeleteAsync("v1/me");

        var tail = await Source.ReadChangesAsync(null, TimeSpan.FromHours(1), Cancellation);

        Assert.Equal(
            new[]
            {
                (ChangeKind.SharingEnded, 2, 0), (ChangeKind.RequestSent, 2, bob.Number), (ChangeKind.SharingStarted, 3, 0),
                (ChangeKind.FriendAdded, 3, bob.Number), (ChangeKind.Renamed, 4, 0), (ChangeKind.Deleted, 4L, 0L), (ChangeKind.FriendRemoved, 5, bob.Number),
            },
            ChangesOf(alice, tail).OrderBy(change => change.Version).ThenBy(change => change.Kind));
        Assert.Equal(
            [(ChangeKind.RequestReceived, 2, alice.Number), (ChangeKind.FriendAdded, 3, alice.Number), (ChangeKind.RemovedByFriend, 4, alice.Number)],
            ChangesOf(bob, tail));
    }

    [Fact]
    public async Task The_journal_goes_on_from_the_cursor()
    {
        var alice = await api.First.RegisterAsync();
        await alice.Call.PatchAsync("v1/me", new { sharing = false });
        var first = await Source.ReadChangesAsync(null, TimeSpan.FromHours(1), Cancellation);
        await alice.Call.PatchAsync("v1/me", new { sharing = true });

        var second = await Source.ReadChangesAsync(first.Cursor, TimeSpan.FromHours(1), Cancellation);

        Assert.Contains((ChangeKind.SharingStarted, 3, 0), ChangesOf(alice, second));
        Assert.NotEqual(first.Cursor, second.Cursor);
    }

    [Fact]
    public async Task Changes_before_the_span_that_is_asked_for_are_left_out()
    {
        var alice = await api.First.RegisterAsync();
        await alice.Call.PatchAsync("v1/me", new { sharing = false });
        await ExecuteAsync("update changes set changed_at = now() - interval '1 hour' where user_id = $1", alice.Number);

        Assert.Empty(ChangesOf(alice, await Source.ReadChangesAsync(null, TimeSpan.FromMinutes(59), Cancellation)));
        Assert.Single(ChangesOf(alice, await Source.ReadChangesAsync(null, TimeSpan.FromMinutes(61), Cancellation)));
    }

    private static IEnumerable<(ChangeKind Kind, long Version, long Other)> ChangesOf(TestUser user, JournalTail tail) =>
        tail.Changes.Where(change => change.UserId == user.Number).Select(change => (change.Kind, change.Version, change.OtherId));

    /// <summary>The database of the replicas.</summary>
    protected NpgsqlDataSource OpenDatabase() => NpgsqlDataSource.Create(api.Settings["ConnectionStrings:users"]);

    protected async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var database = OpenDatabase();
        await using var command = database.Command(sql, parameters);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}

[Collection(ApiCollection.Name)]
public sealed class FriendDatabaseTests(ApiReplicas api) : FriendSourceContract(api)
{
    private const string Insert = "insert into changes (user_id, kind, version, other_id) values ($1, 2, 2, 0)";

    protected override IFriendSource Source { get; } = api.Second.Services.GetRequiredService<FriendDatabase>();

    [Fact]
    public async Task A_change_that_commits_after_a_later_one_was_read_is_read_too()
    {
        await using var database = OpenDatabase();
        await using var slow = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await slow.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var early = UserId.New();
        await using (var insert = new NpgsqlCommand(Insert, slow, transaction) { Parameters = { new() { Value = early } } })
        {
            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var late = UserId.New();
        await ExecuteAsync(Insert, late);
        var first = await Source.ReadChangesAsync(null, TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        Assert.Contains(first.Changes, change => change.UserId == late);
        Assert.DoesNotContain(first.Changes, change => change.UserId == early);

        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        var second = await Source.ReadChangesAsync(first.Cursor, TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        Assert.Contains(second.Changes, change => change.UserId == early);
    }
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
