using NearbyFriends.History;
using NearbyFriends.TestServers;
using Npgsql;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

public sealed class HistoryStoreTests(Servers servers)
{
    [Fact]
    public async Task Points_are_stored_as_they_were_measured()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (user, now) = (Servers.NewUserId(), Now);

        await history.StoreAsync(mayBeStored: false, Point(user, now, -89.9999999, 179.9999999, accuracy: 12.34f), Point(user, now + 1, accuracy: float.NaN));

        var points = await history.Reader.ReadAsync(user, new(null, null, null, 10), TestContext.Current.CancellationToken);
        Assert.Equal([now + 1, now], points.Select(point => point.Location.Time));
        Assert.Equal((-899_999_999, 1_799_999_999), (points[1].Location.LatitudeE7, points[1].Location.LongitudeE7));
        Assert.Equal([null, 12.34f], points.Select(point => point.AccuracyMetres));
    }

    [Fact]
    public async Task A_point_that_is_stored_already_refuses_a_fast_batch_and_is_skipped_by_a_safe_one()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (user, now) = (Servers.NewUserId(), Now);
        await history.StoreAsync(mayBeStored: false, Point(user, now));

        var refusal = await Assert.ThrowsAsync<PostgresException>(
            () => history.StoreAsync(mayBeStored: false, Point(user, now), Point(user, now + 1)));
        var stored = await history.StoreAsync(mayBeStored: true, Point(user, now), Point(user, now + 1));

        Assert.Equal(PostgresErrorCodes.UniqueViolation, refusal.SqlState);
        Assert.Equal(1, stored);
        Assert.Equal(2, await history.RowsOfAsync(user));
    }

    [Fact]
    public async Task A_point_twice_in_a_batch_is_stored_as_first_received()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var (user, now) = (Servers.NewUserId(), Now - 10_000);

        var stored = await history.StoreAsync(
            mayBeStored: false, Point(user, now, receivedAt: now + 900), Point(user, now, receivedAt: now + 100), Point(user, now, receivedAt: now + 500));

        Assert.Equal(1, stored);
        Assert.Equal(100, await history.QueryAsync<int>(
            $"select extract(milliseconds from received_at - recorded_at)::int from location_history where user_id = {user}"));
    }

    [Fact]
    public async Task Late_points_find_a_partition_and_those_past_retention_are_left_out()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync(), ("History:Retention", "10.00:00:00"));
        var user = Servers.NewUserId();
        const long Day = 86_400_000;

        var stored = await history.StoreAsync(
            mayBeStored: false, Point(user, Now), Point(user, Now - Day), Point(user, Now - (9 * Day)), Point(user, Now - (12 * Day)), Point(user, 0));

        Assert.Equal(3, stored);
        Assert.Equal(3, await history.RowsOfAsync(user));
    }

    [Fact]
    public async Task A_batch_whose_partition_was_dropped_by_another_instance_is_not_lost()
    {
        var database = await servers.NewDatabaseAsync();
        await using var history = await StartAsync(database);
        await using var other = await StartAsync(database);
        var (user, now) = (Servers.NewUserId(), Now);
        await history.StoreAsync(mayBeStored: false, Point(user, now));
        await other.Partitions.DropBeforeAsync(HistoryTime.DayOf(now).AddDays(1), TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<PostgresException>(() => history.StoreAsync(mayBeStored: false, Point(user, now)));
        history.Partitions.Forget();
        await history.StoreAsync(mayBeStored: true, Point(user, now));

        Assert.Equal(1, await history.RowsOfAsync(user));
    }

    [Fact]
    public async Task Retention_drops_whole_days_and_leaves_those_that_were_imported()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        await history.Partitions.EnsureAsync([today.AddDays(-100), today.AddDays(-91), today], TestContext.Current.CancellationToken);
        await history.Partitions.EnsureKeptAsync([today.AddDays(-200)], today.AddDays(-300), TestContext.Current.CancellationToken);

        var dropped = await history.Partitions.DropBeforeAsync(history.Store.FirstKeptDay, TestContext.Current.CancellationToken);

        Assert.Equal(2, dropped);
        Assert.Equal(
            [today.AddDays(-200), today],
            await history.QueryAsync<DateOnly[]>("select array_agg(day order by day) from history_partitions"));
        Assert.Equal(2, await history.QueryAsync<long>("select count(*) from pg_inherits where inhparent = 'location_history'::regclass"));
    }

    [Fact]
    public async Task Services_that_start_together_migrate_once()
    {
        var database = await servers.NewDatabaseAsync();

        var hosts = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => StartAsync(database)));

        Assert.Equal(1, await hosts[0].QueryAsync<long>("select count(*) from schema_migrations"));
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }
}
