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
        var later = Now + 1_000;
        await history.StoreAsync(mayBeStored: false, Point(user, later), Point(deleted, later));

        Assert.Equal(1, await history.RowsOfAsync(user));
        Assert.Equal(0, await history.RowsOfAsync(deleted));
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
    public async Task An_erasure_that_was_only_recorded_is_finished()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (user, now) = (Servers.NewUserId(), Now);
        await history.StoreAsync(mayBeStored: false, Point(user, now - 300_000, receivedAt: now - 300_000));
        await history.QueryAsync<object>(
            $"insert into history_erasures values ({user}, now() - interval '2 minutes', false, false); select 0;");

        var finished = await history.Eraser.FinishAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, finished);
        Assert.Equal(0, await history.RowsOfAsync(user));
    }
}
