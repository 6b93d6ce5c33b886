using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using NearbyFriends.History;
using NearbyFriends.People;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>
/// On Citus a statement reaches one shard when it says <c>distribution column = $n</c>; without it, all of them, and none while a
/// worker is down. The statements that the Api sends are recorded here, and held against that.
/// </summary>
public sealed partial class ShardingTests(Servers servers)
{
    private static readonly Dictionary<string, string> DistributedBy =
        FriendSchema.Distributed.Concat(HistorySchema.Distributed).ToDictionary(table => table.Name, table => table.Column, StringComparer.Ordinal);

    /// <summary>The beginnings of statements that reach several shards, and why they may.</summary>
    private static readonly (string Statement, string Reason)[] Exceptions =
    [
        ("select id, display_name from users where id = any($1)", "names of a page: each is on its user's shard"),
        ("select id, user_name, display_name, sharing, discoverable, locked, sharing_version, friends_version, sharing_until, strangers, strangers_version from users where id = any($1)", "likewise, with consent"),
        ("select addressee_id, requested_at from friend_requests where requester_id = $1", "what one asked others: rare, and small"),
        ("delete from friend_requests where requester_id = $1", "the erasure of an account"),
        ("delete from blocks where blocked_id = $1", "the erasure of an account"),
        ("delete from blocked_by where blocker_id = $1", "the erasure of an account"),
        ("delete from subjects where user_id = $1", "the deletion of an account"),
        ("select user_id, kind, version, other_id, changed_at, detail from changes", "the journal's tail"),
        ("select id from users where sharing_until <= $1", "once a minute, by one Api"),
        ("delete from changes where changed_at <", "once a minute, by one Api"),
        ("select user_id from deletions", "once a minute, by one Api"),
        ("-- The same in degrees, for people and their notebooks. create view locations", "a migration: it makes the view, and reads nothing"),
    ];

    [Fact]
    public async Task Every_statement_goes_to_one_shard_or_says_why_not()
    {
        var settings = await ApiServer.NewSystemAsync(servers);
        var databases = new[] { "users", "history" }.Select(name => new NpgsqlConnectionStringBuilder(settings[$"ConnectionStrings:{name}"]).Database).ToArray();
        var statements = new ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (databases.Contains(activity.GetTagItem("db.namespace") as string)) // other tests of this process have databases of their own
                {
                    statements.Add(activity.GetTagItem("db.query.text") as string ?? "");
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var api = await ApiServer.StartAsync(settings);
        await UseEverythingAsync(api);

        var checkedOnes = statements.SelectMany(Split).Where(statement => TableOf(statement) is not null).Distinct().ToList();

        Assert.True(checkedOnes.Count > 20, string.Join('\n', checkedOnes));
        Assert.Contains(checkedOnes, statement => statement.Contains("from location_history", StringComparison.Ordinal));
        Assert.All(checkedOnes, statement => Assert.True(IsOneShard(statement) || IsException(statement), statement));
    }

    private static async Task UseEverythingAsync(ApiServer api)
    {
        var (alice, bob, carol) = (await api.RegisterAsync(), await api.RegisterAsync(), await api.RegisterAsync());
        await alice.BefriendAsync(bob);
        await carol.DeclineAsync((await alice.AskAsync(carol)).Text("id"));
        await bob.AskAsync(carol);
        await alice.FriendsAsync();
        await carol.Call.GetAsync("v1/friend-requests");
        await bob.Call.GetAsync("v1/friend-requests?direction=outgoing");
        await bob.Call.GetAsync($"v1/users?userName={alice.UserName}");
        await alice.Call.PatchAsync("v1/me", new { displayName = "A", sharing = false, strangers = true });
        await alice.Call.PutAsync($"v1/friends/{bob.Id}/visibility", new { shows = "nothing" });
        await alice.Call.PutAsync($"v1/alerts/{bob.Id}", new { within = 500 });
        await alice.Call.GetAsync("v1/alerts");
        await alice.Call.DeleteAsync($"v1/alerts/{bob.Id}");
        await alice.Call.GetAsync("v1/push-subscriptions");
        await alice.Call.DeleteAsync("v1/push-subscriptions/1");
        await alice.Call.PutAsync($"v1/blocks/{carol.Id}");
        await alice.Call.GetAsync("v1/blocks");
        await alice.Call.DeleteAsync($"v1/blocks/{carol.Id}");
        await alice.Call.GetAsync("v1/nearby");
        await alice.Call.GetAsync("v1/me/history?every=60s");
        await alice.Call.GetAsync("v1/me/history.gpx");
        await alice.Call.DeleteAsync("v1/me/history");
        await alice.Call.PostAsync("v1/me/devices", new { name = "Phone" });
        await alice.Call.GetAsync("v1/me/devices");
        await alice.Call.DeleteAsync("v1/me/devices/1");
        await alice.Call.DeleteAsync($"v1/friends/{bob.Id}");
        await alice.BefriendAsync(bob);
        await alice.Call.DeleteAsync("v1/me");
        var source = api.Connect();
        source.Headers.Add("X-Friends-Key", ApiServer.FriendsKey);
        await source.GetAsync($"v1/friend-source/users/{bob.Id}");
        await source.GetAsync($"v1/friend-source/users/{bob.Id}/sharing");
        await source.PostAsync("v1/friend-source/devices", new { userName = bob.UserName, password = "none" });
        await source.GetAsync($"v1/friend-source/users/{bob.Id}/blocks");
        await source.GetAsync("v1/friend-source/changes");
        await source.PostAsync("v1/friend-source/names", new { ids = new[] { bob.Id } });
    }

    private static IEnumerable<string> Split(string text) => text.Split(';').Select(statement => Spaces().Replace(statement, " ").Trim());

    private static bool IsOneShard(string statement) =>
        statement.StartsWith("insert into", StringComparison.Ordinal) // of one row, which has the column
        || Regex.IsMatch(statement, $@"\b{DistributedBy[TableOf(statement)!]} = \$\d", RegexOptions.None, TimeSpan.FromSeconds(1));

    private static bool IsException(string statement) => Exceptions.Any(known => statement.StartsWith(known.Statement, StringComparison.Ordinal));

    /// <summary>The first distributed table that a statement names; null when it names none.</summary>
    private static string? TableOf(string statement) => Table().Matches(statement).Select(match => match.Groups["name"].Value).FirstOrDefault(DistributedBy.ContainsKey);

    [GeneratedRegex(@"\b(from|into|update) (?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Table();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Spaces();
}
