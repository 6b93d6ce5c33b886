using NearbyFriends.History;
using NearbyFriends.TestServers;
using Npgsql;
using StackExchange.Redis;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

public sealed class HistoryWorkerTests(Servers servers)
{
    private static readonly (string, string) ShortLease = ("History:LeaseTime", "00:00:01");
    private static readonly (string, string) LongLease = ("History:LeaseTime", "00:00:10"); // or, after a pause, two workers have the same stream
    private static readonly string[] SmallMemory = ["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"];

    [Fact]
    public async Task Points_go_from_the_gateway_through_the_stream_into_the_database_and_leave_the_stream_empty()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString);
        var now = Now;

        for (var i = 0; i < 10_000; i++)
        {
            gateway.Append(Point(1 + (i % 500), now - i));
        }

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
        {
            await dead.StoreAsync(mayBeStored: false, Point(user, now)); // committed, but not acknowledged
        }

        await gateway.AppendEntryAsync(Point(user, now), Point(user, now + 1));
        Assert.Single(await gateway.Stream.StreamReadGroupAsync(stream, HistoryStreams.Group, "dead", StreamPosition.NewMessages));
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
        {
            await Eventually.True(() => first.Streams == 8 && second.Streams == 8, "two instances read half of them each");
        }

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
        {
            await schema.QueryAsync<object>("alter table location_history add check (latitude <> 420000000); select 0;");
        }

        for (var i = 1; i <= 50; i++)
        {
            await gateway.AppendEntryAsync(Point(i, Now, latitude: i == 17 ? 42 : 41));
        }

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
        {
            gateway.Append(Point(i, Now + 10_000));
        }

        await Eventually.True(() => worker.Trouble is not null, "the worker notices");
        Assert.True(await worker.EntriesAsync() > 0);
        await postgres.RestartAsync();

        await Eventually.True(async () => await worker.RowsAsync() == 1_001, "all points are stored");
        await Eventually.True(async () => await worker.EntriesAsync() == 0, "the streams are empty");
        Assert.Null(worker.Trouble);
    }

    [Fact]
    public async Task A_full_stream_is_emptied_once_the_database_is_back_also_by_a_worker_that_started_meanwhile()
    {
        await using var redis = await RedisServer.StartAsync(arguments: SmallMemory);
        await using var postgres = await PostgresServer.StartAsync();
        var database = await postgres.CreateDatabaseAsync("history");
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        await using var first = await StartWorkerAsync(database, redis.ConnectionString, LongLease);
        await Eventually.True(() => first.Streams == 16, "the first worker reads all streams");
        await postgres.KillAsync();
        await gateway.Stream.StreamAddAsync(HistoryStreams.Key(0), HistoryStreams.BatchField, "malformed");
        var points = await FillAsync(gateway);

        await using var second = await StartWorkerAloneAsync(database, redis.ConnectionString, LongLease);
        await Eventually.True(async () => await gateway.Stream.SortedSetLengthAsync("history:workers") == 2, "both workers hold leases");
        await Assert.ThrowsAsync<RedisServerException>(() => gateway.AppendEntryAsync(Point(1, Now)));
        await postgres.RestartAsync();

        await Eventually.True(async () => await gateway.EntriesAsync() == 0, "the streams are empty");
        await Eventually.True(() => first.Streams == 8 && second.Streams == 8, "each worker reads half of the streams");
        Assert.Equal(points, await first.RowsAsync());
        Assert.Equal(1, await gateway.Stream.StreamLengthAsync(HistoryStreams.DeadLetters));
        await Eventually.True(async () => await PendingAsync(gateway) == 0, "nothing is pending");
    }

    [Fact]
    public async Task A_worker_starts_to_read_when_the_stream_is_full_before_any_group_exists()
    {
        await using var redis = await RedisServer.StartAsync(arguments: SmallMemory);
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        var points = await FillAsync(gateway);

        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString);

        await Eventually.True(async () => await worker.EntriesAsync() == 0, "the streams are empty");
        Assert.Equal(points, await worker.RowsAsync());
    }

    [Fact]
    public async Task A_worker_that_died_between_deleting_and_acknowledging_leaves_nothing_pending()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        var stream = HistoryStreams.Key(HistoryStreams.Of(7));
        await gateway.Stream.StreamCreateConsumerGroupAsync(stream, HistoryStreams.Group, StreamPosition.Beginning);
        await gateway.AppendEntryAsync(Point(7, Now));
        var entries = await gateway.Stream.StreamReadGroupAsync(stream, HistoryStreams.Group, "dead", StreamPosition.NewMessages);
        await gateway.Stream.StreamDeleteAsync(stream, [entries[0].Id]);

        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString, ShortLease);

        await Eventually.True(async () => await PendingAsync(worker) == 0, "nothing is pending");
    }

    [Fact]
    public async Task A_stopping_worker_reads_on_until_its_streams_are_empty()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString, ("History:DrainTime", "00:02:00"));
        await Eventually.True(() => worker.Streams == 16, "the worker reads all streams");
        await using var storing = await BlockStoringAsync(worker);
        await gateway.AppendEntryAsync(Point(1, Now));
        await Eventually.True(async () => await PendingAsync(gateway) == 1, "the worker has the entry");

        var stopping = worker.StopAsync();
        await gateway.AppendEntryAsync(Point(2, Now));
        await storing.DisposeAsync();
        await stopping;

        Assert.Equal((0, 2), (await gateway.EntriesAsync(), await worker.RowsAsync()));
    }

    [Fact]
    public async Task A_stopping_worker_leaves_in_the_stream_what_it_cannot_store_in_time()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString, ("History:DrainTime", "00:00:00.100"));
        await using var storing = await BlockStoringAsync(worker);
        await gateway.AppendEntryAsync(Point(1, Now));
        await Eventually.True(async () => await PendingAsync(gateway) == 1, "the worker has the entry");

        await worker.StopAsync();

        Assert.Equal(1, await gateway.EntriesAsync());
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
        await gateway.AppendEntryAsync(Point(user, now, receivedAt: now + 30_000)); // by a gateway whose clock is ahead
        await gateway.AppendEntryAsync(Point(other, now - 1_000));

        await api.Eraser.EraseAsync(user, TestContext.Current.CancellationToken);
        await using var worker = await StartWorkerAsync(database, redis.ConnectionString);

        await Eventually.True(async () => await worker.EntriesAsync() == 0, "the streams are empty");
        Assert.Equal((0, 1), (await worker.RowsOfAsync(user), await worker.RowsOfAsync(other)));
    }

    [Fact]
    public async Task An_erasure_reaches_dead_letters()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var worker = await StartWorkerAsync(await servers.NewDatabaseAsync(), redis.ConnectionString);
        var (user, other) = (Servers.NewUserId(), Servers.NewUserId());
        await worker.AppendEntryAsync(Point(user, Now + (400L * 24 * 3_600_000)));
        await worker.AppendEntryAsync(Point(other, Now + (400L * 24 * 3_600_000)));
        await worker.Stream.StreamAddAsync(HistoryStreams.Key(0), HistoryStreams.BatchField, "malformed");
        await Eventually.True(async () => await worker.Stream.StreamLengthAsync(HistoryStreams.DeadLetters) == 3, "all are dead letters");

        await worker.Eraser.EraseAsync(user, TestContext.Current.CancellationToken);
        await worker.QueryAsync<object>("update history_erasures set erased_at = erased_at - interval '6 minutes'; select 0;");
        await Eventually.True(() => UpkeepLeavesAsync(letters: 1), "the user's letter and the malformed one are removed");

        var letter = Assert.Single(await worker.Stream.StreamRangeAsync(HistoryStreams.DeadLetters));
        Assert.Equal(other, Assert.Single(Decode(letter)).UserId);

        async Task<bool> UpkeepLeavesAsync(int letters)
        {
            await worker.Upkeep.RoundAsync(TestContext.Current.CancellationToken);
            return await worker.Stream.StreamLengthAsync(HistoryStreams.DeadLetters) == letters;
        }
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

    // Entries of 256 points until the server is full; returns how many points it holds.
    private static async Task<long> FillAsync(HistoryHost gateway)
    {
        var now = Now;
        for (var user = 1; ; user++)
        {
            try
            {
                await gateway.AppendEntryAsync([.. Enumerable.Range(0, HistoryBatch.MaxPoints).Select(i => Point(user, now - i))]);
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("OOM", StringComparison.Ordinal))
            {
                return (user - 1) * (long)HistoryBatch.MaxPoints;
            }
        }
    }

    // Entries that were delivered and are not acknowledged.
    private static async Task<long> PendingAsync(HistoryHost host)
    {
        var groups = await Task.WhenAll(HistoryStreams.All.Select(async stream =>
            await host.Stream.KeyExistsAsync(HistoryStreams.Key(stream)) ? await host.Stream.StreamGroupInfoAsync(HistoryStreams.Key(stream)) : []));
        return groups.SelectMany(group => group).Sum(group => group.PendingMessageCount);
    }

    // Transactions that store wait until this one is disposed.
    private static async Task<NpgsqlTransaction> BlockStoringAsync(HistoryHost host)
    {
        var connection = await host.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var block = new NpgsqlCommand("lock table history_erasures in access exclusive mode", connection, transaction);
        await block.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return transaction;
    }
}
