using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NearbyFriends.Api.Upkeep;
using NearbyFriends.People;
using NearbyFriends.TestServers;
using Npgsql;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>What an Api does once in a while.</summary>
public sealed class UpkeepTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_of_the_journal_are_dropped_after_a_day()
    {
        var settings = await ApiServer.NewSystemAsync(servers);
        await using var api = await ApiServer.StartAsync(settings);
        await ExecuteAsync(
            settings,
            """
            insert into changes (user_id, kind, version, other_id, changed_at)
            values (1, 2, 2, 0, now() - interval '25 hours'), (2, 2, 2, 0, now() - interval '23 hours')
            """);

        await RoundAsync(api);

        Assert.Equal(2, await ExecuteAsync(settings, "select user_id from changes"));
    }

    [Fact]
    public async Task An_end_of_sharing_that_came_while_nobody_was_there_is_written_down_once()
    {
        var settings = await ApiServer.NewSystemAsync(servers);
        await using var api = await ApiServer.StartAsync(settings);
        var alice = await api.RegisterAsync();
        await alice.Call.PatchAsync("v1/me", new { sharingUntil = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 3_600_000 });
        await RoundAsync(api);
        Assert.Equal(0, await ExecuteAsync(settings, "select count(*) from users where not sharing"));
        await ExecuteAsync(settings, "update users set sharing_until = now() - interval '1 minute'");

        await RoundAsync(api);
        await RoundAsync(api);

        Assert.Equal(3, await ExecuteAsync(settings, "select sharing_version from users where not sharing and sharing_until is null"));
        Assert.Equal(3, await ExecuteAsync(settings, "select version from changes where kind = 2"));
    }

    [Fact]
    public async Task A_deletion_that_failed_half_way_is_finished_by_itself()
    {
        var settings = await ApiServer.NewSystemAsync(servers);
        var withoutHistory = new Dictionary<string, string>(settings, StringComparer.Ordinal)
        {
            ["ConnectionStrings:history"] = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings:history"]) { Database = "missing" }.ToString(),
        };
        await using var failing = await ApiServer.StartAsync(withoutHistory);
        await using var api = await ApiServer.StartAsync(settings);
        var (alice, bob) = (await failing.RegisterAsync(), await failing.RegisterAsync());
        await alice.BefriendAsync(bob);

        Assert.Equal(204, (await alice.Call.DeleteAsync("v1/me")).Status);

        Assert.Equal(401, (await alice.Call.GetAsync("v1/me")).Status);
        Assert.Empty(await bob.FriendsAsync());
        Assert.Equal(1, await ExecuteAsync(settings, "select count(*) from deletions"));
        await ExecuteAsync(settings, "update deletions set deleted_at = now() - interval '2 minutes'");
        await RoundAsync(api);
        Assert.Equal(0, await ExecuteAsync(settings, "select count(*) from deletions"));
        Assert.Equal(0, await ExecuteAsync(settings, "select sum(friend_count) from users"));
    }

    private static Task RoundAsync(ApiServer api) =>
        api.Services.GetServices<IHostedService>().OfType<PeopleUpkeep>().Single().RoundAsync(Cancellation);

    private static async Task<long> ExecuteAsync(Dictionary<string, string> settings, string sql)
    {
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:users"]);
        await using var command = database.Command(sql);
        return await command.ExecuteScalarAsync(Cancellation) as long? ?? 0;
    }
}
