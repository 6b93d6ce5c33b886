using NearbyFriends.History;
using NearbyFriends.TestServers;
using StackExchange.Redis;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

public sealed class HistoryWorkerTests(Servers servers)
{
    private static readonly (string, string) ShortLease = ("History:LeaseTime", "00:00:01");

    [Fact]
    public async Task Points_go_from_the_gateway_through_the_stream_into_the_database_and_leave_the_stream_empty()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString);
        var now = Now;

        for (var i = 0; i < 10_000; i++)
            gateway.Append(Point(1 + (i % 500), now - i));

        await Eventually.True(async () => await worker.RowsAsync() == 10_000, "all points are stored");
        await Eventually.True(async () => await worker.EntriesAsync() == 0, "the streams are empty");
    }

    [Fact]
    public async Task Entries_that_an_instance_took_and_never_stored_are_stored_by_another_once()
    {
        await using var redis = await RedisServer.StartAsync();
        var database = await servers.NewDatabaseAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        var (user, now) = (Servers.NewUserId(), Now);
        var stream = HistoryStreams.Key(HistoryStreams.Of(user));
        await gateway.Stream.StreamCreateConsumerGroupAsync(stream, HistoryStreams.Group, StreamPosition.Beginning);
        await using (var dead = await StartAsync(database))
            await dead.StoreAsync(mayBeStored: false, Point(user, now)); // committed, but not acknowledged

        gateway.Append(Point(user, now));
        gateway.Append(Point(user, now + 1));
        await Eventually.True(
            async () => (await gateway.Stream.StreamReadGroupAsync(stream, HistoryStreams.Group, "dead", StreamPosition.NewMessages)).Length == 1,
            "the instance that dies takes the entry");
        await using var worker = await StartWorkerAsync(database, redis.ConnectionString, ShortLease);

        await Eventually.True(async () => await worker.EntriesAsync() == 0, "the entry is settled");
        Assert.Equal(2, await worker.RowsOfAsync(user));
    }

    [Fact]
    public async Task Instances_share_the_streams_and_take_over_those_of_one_that_ends()
    {
        await using var redis = await RedisServer.StartAsync();
        var database = await servers.NewDatabaseAsync();
        await using var first = await StartWorkerAsync(database, redis.ConnectionString, ShortLease);
        await Eventually.True(() => first.Streams == 16, "one instance reads all streams");

        await using (var second = await StartWorkerAsync(database, redis.ConnectionString, ShortLease))
            await Eventually.True(() => first.Streams == 8 && second.Streams == 8, "two instances read half of them each");

        await Eventually.True(() => first.Streams == 16, "the one that is left reads all streams");
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_becomes_a_dead_letter_and_holds_up_nothing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        var (user, now) = (Servers.NewUserId(), Now);
        var stream = HistoryStreams.Key(HistoryStreams.Of(user));
        await gateway.Stream.StreamAddAsync(stream, HistoryStreams.BatchField, new byte[] { 1, 200, 1, 2, 3 });
        await gateway.Stream.StreamAddAsync(stream, "other", "field");
        gateway.Append(Point(user, now));
        gateway.Append(Point(user, now + (400L * 24 * 3_600_000)));
        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString);

        await Eventually.True(async () => await worker.RowsAsync() == 1 && await worker.EntriesAsync() == 0, "the good point is stored");

        var letters = await worker.Stream.StreamRangeAsync(HistoryStreams.DeadLetters);
        Assert.Equal(["empty", "time lies days ahead", "truncated"], letters.Select(letter => (string?)letter["reason"]).Order());
        Assert.All(letters, letter => Assert.Equal(stream, letter["stream"]));
    }

    [Fact]
    public async Task An_entry_that_the_database_refuses_becomes_a_dead_letter_and_all_others_are_stored()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        var database = await servers.NewDatabaseAsync();
        await using (var schema = await StartAsync(database))
            await schema.QueryAsync<object>("alter table location_history add check (latitude <> 420000000); select 0;");

        for (var i = 1; i <= 50; i++)
            await gateway.AppendEntryAsync(Point(i, Now, latitude: i == 17 ? 42 : 41));

        await using var worker = await StartWorkerAsync(database, redis.ConnectionString);

        await Eventually.True(async () => await worker.EntriesAsync() == 0, "all entries are settled");
        Assert.Equal(49, await worker.RowsAsync());
        var letter = Assert.Single(await worker.Stream.StreamRangeAsync(HistoryStreams.DeadLetters));
        Assert.StartsWith("refused by the database: 23514", (string)letter["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_database_is_away_the_stream_keeps_the_points()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        await using var worker = await StartWorkerAsync(await postgres.CreateDatabaseAsync("history"), redis.ConnectionString);
        gateway.Append(Point(1, Now));
        await Eventually.True(async () => await worker.RowsAsync() == 1, "the first point is stored");

        await postgres.KillAsync();
        for (var i = 1; i <= 1_000; i++)
            gateway.Append(Point(i, Now + 10_000));

        await Eventually.True(() => worker.Trouble is not null, "the worker notices");
        Assert.True(await worker.EntriesAsync() > 0);
        await postgres.RestartAsync();

        await Eventually.True(async () => await worker.RowsAsync() == 1_001, "all points are stored");
        await Eventually.True(async () => await worker.EntriesAsync() == 0, "the streams are empty");
        Assert.Null(worker.Trouble);
    }

    [Fact]
    public async Task An_erasure_reaches_points_that_are_still_in_the_stream()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        var database = await servers.NewDatabaseAsync();
        await using var api = await StartAsync(database);
        var (user, other, now) = (Servers.NewUserId(), Servers.NewUserId(), Now);
        await gateway.AppendEntryAsync(Point(user, now - 1_000));
        await gateway.AppendEntryAsync(Point(other, now - 1_000));

        await api.Eraser.EraseAsync(user, TestContext.Current.CancellationToken);
        await using var worker = await StartWorkerAsync(database, redis.ConnectionString);

        await Eventually.True(async () => await worker.EntriesAsync() == 0, "the streams are empty");
        Assert.Equal((0, 1), (await worker.RowsOfAsync(user), await worker.RowsOfAsync(other)));
    }

    [Fact]
    public async Task The_worker_goes_on_when_the_stream_server_comes_back_empty()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString, ShortLease);
        gateway.Append(Point(1, Now));
        await Eventually.True(async () => await worker.RowsAsync() == 1, "the first point is stored");

        await redis.RestartAsync();
        gateway.Append(Point(1, Now + 1_000));

        await Eventually.True(async () => await worker.RowsAsync() == 2, "the second point is stored");
    }
}
