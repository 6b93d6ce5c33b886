using NearbyFriends.History;
using NearbyFriends.TestServers;
using Npgsql;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

public sealed class HistoryEraserTests(Servers servers)
{
    [Fact]
    public async Task What_was_received_before_an_erasure_is_deleted_and_never_stored_later()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (user, other, now) = (Servers.NewUserId(), Servers.NewUserId(), Now);
        await history.StoreAsync(mayBeStored: false, Point(user, now - 5_000), Point(other, now - 5_000));

        var erased = await history.Eraser.EraseAsync(user, TestContext.Current.CancellationToken);
        await history.StoreAsync(mayBeStored: false, Point(user, now - 4_000), Point(other, now - 4_000));

        Assert.Equal(1, erased);
        Assert.Equal(0, await history.RowsOfAsync(user));
        Assert.Equal(2, await history.RowsOfAsync(other));
    }

    [Fact]
    public async Task What_is_received_after_an_erasure_is_stored_unless_the_user_is_gone()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (user, deleted) = (Servers.NewUserId(), Servers.NewUserId());

        await history.Eraser.EraseAsync(user, TestContext.Current.CancellationToken);
        await history.Eraser.EraseDeletedUserAsync(deleted, TestContext.Current.CancellationToken);
        await history.QueryAsync<object>("update history_erasures set erased_at = erased_at - interval '10 s'; select 0;");
        await history.StoreAsync(mayBeStored: false, Point(user, Now), Point(deleted, Now));

        Assert.Equal(1, await history.RowsOfAsync(user));
        Assert.Equal(0, await history.RowsOfAsync(deleted));
    }

    [Fact]
    public async Task What_a_gateway_received_whose_clock_is_ahead_is_erased_like_the_rest()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (user, now) = (Servers.NewUserId(), Now);
        await history.StoreAsync(mayBeStored: false, Point(user, now, receivedAt: now + 30_000));

        await history.Eraser.EraseAsync(user, TestContext.Current.CancellationToken);

        Assert.Equal(0, await history.RowsOfAsync(user));
    }

    [Fact]
    public async Task A_worker_that_started_before_the_erasure_learns_of_it()
    {
        var database = await servers.NewDatabaseAsync();
        await using var worker = await StartAsync(database);
        await using var api = await StartAsync(database);
        var (user, now) = (Servers.NewUserId(), Now);
        await worker.StoreAsync(mayBeStored: false, Point(user, now - 5_000));

        await api.Eraser.EraseAsync(user, TestContext.Current.CancellationToken);
        await worker.StoreAsync(mayBeStored: false, Point(user, now - 4_000));

        Assert.Equal(0, await worker.RowsOfAsync(user));
    }

    [Fact]
    public async Task An_erasure_waits_for_a_batch_that_is_being_stored_and_erases_from_it()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (user, now) = (Servers.NewUserId(), Now);
        await history.StoreAsync(mayBeStored: false, Point(user, now - 5_000));
        await using var connection = await history.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var store = new NpgsqlCommand(
            $"""
            select pg_advisory_xact_lock_shared({HistoryEraser.StoringLock});
            insert into location_history select user_id, recorded_at - interval '1 s', received_at, 0, 0 from location_history where user_id = {user};
            """,
            connection,
            transaction);
        await store.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var erasing = history.Eraser.EraseAsync(user, TestContext.Current.CancellationToken);
        await Eventually.True(
            async () => await history.QueryAsync<long>("select count(*) from history_erasures") == 1, "the erasure is recorded");
        Assert.False(erasing.IsCompleted);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, await erasing);
        Assert.Equal(0, await history.RowsOfAsync(user));
    }

    [Fact]
    public async Task An_erasure_that_was_only_recorded_is_closed_by_the_worker()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var user = Servers.NewUserId();
        await StoreBeforeAsync(history, user);
        await RecordAsync(history, user);

        var erasures = await CloseAsync(history);

        Assert.Equal(new ClosedErasures(Closed: 1, Failed: 0), erasures);
        Assert.Equal(0, await history.RowsOfAsync(user));
    }

    [Fact]
    public async Task A_deleted_user_is_erased_again_before_the_erasure_is_closed()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var user = Servers.NewUserId();
        await history.Eraser.EraseDeletedUserAsync(user, TestContext.Current.CancellationToken);
        await history.QueryAsync<object>("update history_erasures set erased_at = erased_at - interval '6 minutes'; select 0;");
        await StoreBeforeAsync(history, user); // as Citus does when it recovers the transaction of a killed worker

        await CloseAsync(history);

        Assert.Equal(0, await history.RowsOfAsync(user));
        Assert.True(await history.QueryAsync<bool>("select done from history_erasures"));
    }

    [Fact]
    public async Task An_erasure_that_the_database_refuses_does_not_block_the_others()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (refused, other) = (Servers.NewUserId(), Servers.NewUserId());
        await StoreBeforeAsync(history, refused);
        await StoreBeforeAsync(history, other);
        await RecordAsync(history, refused);
        await RecordAsync(history, other);
        await RefuseDeletionOfAsync(history, refused);

        var erasures = await CloseAsync(history);

        Assert.Equal(new ClosedErasures(Closed: 1, Failed: 1), erasures);
        Assert.Equal((1, 0), (await history.RowsOfAsync(refused), await history.RowsOfAsync(other)));
        Assert.Equal(refused, await history.QueryAsync<long>("select user_id from history_erasures where not done"));
    }

    [Fact]
    public async Task An_erasure_that_fails_shows_in_the_health_and_does_not_block_the_rest_of_the_upkeep()
    {
        await using var redis = await RedisServer.StartAsync();
        var database = await servers.NewDatabaseAsync();
        await using var schema = await StartAsync(database);
        var (user, longAgo) = (Servers.NewUserId(), new DateOnly(2020, 1, 1));
        await schema.Partitions.EnsureAsync([longAgo], TestContext.Current.CancellationToken);
        await StoreBeforeAsync(schema, user);
        await RecordAsync(schema, user);
        await RefuseDeletionOfAsync(schema, user);

        await using var worker = await StartWorkerAsync(database, redis.ConnectionString);

        await Eventually.True(() => worker.Upkeep.Trouble?.Contains("1 erasures", StringComparison.Ordinal) == true, "the failure is reported");
        Assert.Equal(0, await worker.QueryAsync<long>($"select count(*) from history_partitions where day = '{longAgo:yyyy-MM-dd}'"));
    }

    private static async Task<ClosedErasures> CloseAsync(HistoryHost history) => await history.Eraser.CloseAsync(
        await history.Eraser.OpenAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

    // A point of ten minutes ago.
    private static async Task StoreBeforeAsync(HistoryHost history, long user)
    {
        var yesterday = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1);
        await history.Partitions.EnsureAsync([yesterday, yesterday.AddDays(1)], TestContext.Current.CancellationToken);
        await history.QueryAsync<object>(
            $"insert into location_history values ({user}, now() - interval '10 minutes', now() - interval '10 minutes', 0, 0); select 0;");
    }

    // As a service leaves it that dies before it deletes.
    private static async Task RecordAsync(HistoryHost history, long user) => await history.QueryAsync<object>(
        $"insert into history_erasures values ({user}, now() - interval '6 minutes', false, false); select 0;");

    private static async Task RefuseDeletionOfAsync(HistoryHost history, long user) => await history.QueryAsync<object>(
        $"""
        create function refuse() returns trigger language plpgsql as 'begin raise exception ''refused''; end';
        create trigger refuse before delete on location_history for each row when (old.user_id = {user}) execute function refuse();
        select 0;
        """);
}
