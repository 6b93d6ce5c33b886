using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using NearbyFriends.TestServers;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace NearbyFriends.IntegrationTests.Standalone;

/// <summary>
/// What the system asks of StackExchange.Redis, on a real server: the same with the real packages below it and with
/// the projects that stand in for them.
/// </summary>
public class StackExchangeRedisTests(Servers servers)
{
    private readonly string _prefix = $"redis-test:{Servers.NewUserId()}:";

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        var server = await servers.RedisAsync();

        var failure = await Assert.ThrowsAsync<RedisConnectionException>(
            () => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{server.Port},password=wrong,connectRetry=0"));

        Assert.Contains("WRONGPASS", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8_191)]
    [InlineData(100_000)]
    [InlineData(20_000_000)]
    public async Task A_value_of_any_size_comes_back_as_it_went(int length)
    {
        await using var redis = await ConnectAsync();
        var value = RandomNumberGenerator.GetBytes(length);

        await redis.GetDatabase().StringSetAsync(Key("value"), value);

        Assert.Equal(value, (byte[]?)await redis.GetDatabase().StringGetAsync(Key("value")));
        await redis.GetDatabase().KeyDeleteAsync(Key("value"));
    }

    [Fact]
    public async Task Fifty_thousand_pipelined_commands_are_answered_in_order()
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50_000).Select(_ => database.StringIncrementAsync(Key("counter"))));

        Assert.Equal(Enumerable.Range(1, 50_000).Select(n => (long)n), answers);
    }

    [Fact]
    public async Task Commands_of_many_threads_get_their_own_answers()
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();

        await Parallel.ForAsync(0, 16, TestContext.Current.CancellationToken, async (thread, _) =>
        {
            for (var i = 0; i < 500; i++)
            {
                var value = new string((char)('a' + thread), 1 + (i * 37 % 3_000));
                await database.StringSetAsync(Key($"thread-{thread}"), value);
                Assert.Equal(value, (string?)await database.StringGetAsync(Key($"thread-{thread}")));
            }
        });
    }

    [Fact]
    public async Task Thousands_of_keys_are_read_with_one_command()
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var keys = Enumerable.Range(0, 5_000).Select(i => Key($"many-{i}")).ToArray();
        await database.StringSetAsync([.. keys.Select((key, i) => KeyValuePair.Create(key, (RedisValue)i))]);

        var values = await database.StringGetAsync([.. keys, Key("absent")]);

        Assert.Equal(Enumerable.Range(0, 5_000), values[..^1].Select(value => (int)value));
        Assert.True(values[^1].IsNull);
    }

    [Fact]
    public async Task A_script_returns_nested_arrays()
    {
        await using var redis = await ConnectAsync();

        var result = await redis.GetDatabase().ScriptEvaluateAsync("return {1, {KEYS[1], {ARGV[1], {}}}, false}", [Key("k")], ["v"]);

        Assert.Equal(1, (int)result[0]);
        Assert.Equal((string?)Key("k"), (string?)result[1][0]);
        Assert.Equal("v", (string?)result[1][1][0]);
        Assert.Equal(0, result[1][1][1].Length);
        Assert.True(result[2].IsNull);
    }

    [Fact]
    public async Task A_stream_is_read_claimed_and_acknowledged_by_a_group()
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var stream = Key("stream");
        await database.StreamCreateConsumerGroupAsync(stream, "group", "0-0", createStream: true);
        for (var i = 0; i < 2_000; i++)
            _ = database.StreamAddAsync(stream, [new("index", i), new("payload", new byte[i % 300])]);

        var read = await database.StreamReadGroupAsync(stream, "group", "one", ">", count: 2_000);
        var claimed = await database.StreamAutoClaimAsync(stream, "group", "other", 0, "0-0", count: 2_000);
        var acknowledged = await database.StreamAcknowledgeAsync(stream, "group", [.. claimed.ClaimedEntries.Select(entry => entry.Id)]);

        Assert.Equal(Enumerable.Range(0, 2_000), read.Select(entry => (int)entry["index"]));
        Assert.Equal(read.Select(entry => entry.Id), claimed.ClaimedEntries.Select(entry => entry.Id));
        Assert.All(read, entry => Assert.Equal((int)entry["index"] % 300, ((byte[]?)entry["payload"])!.Length));
        Assert.Equal(2_000, acknowledged);
        Assert.Empty((await database.StreamPendingMessagesAsync(stream, "group", 10, RedisValue.Null)));
    }

    [Fact]
    public async Task A_transaction_runs_only_if_its_condition_holds()
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        await database.StringSetAsync(Key("version"), 1);

        Assert.True(await IncrementIfVersionIsAsync(1));
        Assert.False(await IncrementIfVersionIsAsync(1));
        Assert.Equal(2, (int)await database.StringGetAsync(Key("version")));

        async Task<bool> IncrementIfVersionIsAsync(int version)
        {
            var transaction = database.CreateTransaction();
            transaction.AddCondition(Condition.StringEqual(Key("version"), version));
            _ = transaction.StringIncrementAsync(Key("version"));
            return await transaction.ExecuteAsync();
        }
    }

    [Fact]
    public async Task A_batch_leaves_as_one()
    {
        await using var redis = await ConnectAsync();
        var batch = redis.GetDatabase().CreateBatch();
        var answers = Enumerable.Range(0, 1_000).Select(i => batch.ListRightPushAsync(Key("list"), i)).ToArray();
        batch.Execute();

        Assert.Equal(Enumerable.Range(1, 1_000).Select(n => (long)n), await Task.WhenAll(answers));
        Assert.Equal(Enumerable.Range(0, 1_000), (await redis.GetDatabase().ListRangeAsync(Key("list"))).Select(value => (int)value));
    }

    [Fact]
    public async Task Synchronous_calls_work_from_many_threads()
    {
        await using var redis = await ConnectAsync();
        var threads = Enumerable.Range(0, 20).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 100; i++)
                    redis.GetDatabase().StringIncrement(Key("sync"));
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));

        await Task.WhenAll(threads);

        Assert.Equal(2_000, (int)await redis.GetDatabase().StringGetAsync(Key("sync")));
    }

    [Fact]
    public async Task Ten_thousand_messages_arrive_in_order()
    {
        await using var publisher = await ConnectAsync();
        await using var subscriber = await ConnectAsync();
        var channel = RedisChannel.Literal(_prefix + "messages");
        var received = new ConcurrentQueue<int>();
        var subscription = await subscriber.GetSubscriber().SubscribeAsync(channel);
        subscription.OnMessage(message => received.Enqueue(BitConverter.ToInt32(((byte[]?)message.Message)!)));

        for (var i = 0; i < 10_000; i++)
        {
            var message = new byte[4 + (i % 700)];
            BitConverter.TryWriteBytes(message, i);
            _ = publisher.GetSubscriber().PublishAsync(channel, message);
        }

        await Eventually.True(() => received.Count == 10_000, "all 10,000 messages arrive");
        Assert.Equal(Enumerable.Range(0, 10_000), received);
    }

    [Fact]
    public async Task A_plain_handler_gets_every_message()
    {
        await using var redis = await ConnectAsync();
        var channel = RedisChannel.Literal(_prefix + "handler");
        var received = new ConcurrentBag<int>(); // handlers run side by side, in no order
        await redis.GetSubscriber().SubscribeAsync(channel, (_, message) => received.Add((int)message));

        for (var i = 0; i < 5_000; i++)
            _ = redis.GetSubscriber().PublishAsync(channel, i);

        await Eventually.True(() => received.Count == 5_000, "all 5,000 messages arrive");
        Assert.Equal(Enumerable.Range(0, 5_000), received.Order());
    }

    [Fact]
    public async Task A_server_that_was_killed_is_used_again_when_it_is_back()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectAsync(server, backlog: BacklogPolicy.FailFast);
        var received = 0;
        var channel = RedisChannel.Literal("news");
        await redis.GetSubscriber().SubscribeAsync(channel, (_, _) => Interlocked.Increment(ref received));

        await server.KillAsync();
        await Eventually.True(() => !redis.IsConnected, "the loss of the server is noticed");
        await Assert.ThrowsAnyAsync<RedisException>(() => redis.GetDatabase().PingAsync());

        await server.RestartAsync();
        await Eventually.True(() => redis.IsConnected, "the connection is back");
        await Eventually.True(
            async () => await redis.GetSubscriber().PublishAsync(channel, "hello") == 1,
            "the subscription is back");
        await Eventually.True(() => received > 0, "the message arrives");
    }

    [Fact]
    public async Task Commands_in_flight_fail_when_the_server_is_killed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectAsync(server, backlog: BacklogPolicy.FailFast);
        await redis.GetDatabase().PingAsync();
        var waiting = redis.GetDatabase().ExecuteAsync("BLPOP", "never", "0");

        await server.KillAsync();

        await Assert.ThrowsAnyAsync<RedisException>(() => waiting);
    }

    [Fact]
    public async Task A_connection_ends_while_it_is_in_use_without_hanging()
    {
        var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var pending = Enumerable.Range(0, 10_000).Select(i => database.StringSetAsync(Key("end"), i)).ToArray();

        await redis.CloseAsync(allowCommandsToComplete: false).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await redis.DisposeAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(pending)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Threads_of_its_own_serve_a_connection_as_well()
    {
        using var threads = new SocketManager("test", workerCount: 2);
        var options = ConfigurationOptions.Parse((await servers.RedisAsync()).ConnectionString);
        options.SocketManager = threads;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5_000).Select(_ => redis.GetDatabase().StringIncrementAsync(Key("own"))));

        Assert.Equal(5_000, answers[^1]);
    }

    [Fact]
    public async Task A_stream_in_place_of_the_socket_serves_a_connection_as_well()
    {
        var options = ConfigurationOptions.Parse((await servers.RedisAsync()).ConnectionString);
        options.Tunnel = new PlainStream();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var value = RandomNumberGenerator.GetBytes(1_000_000);

        await redis.GetDatabase().StringSetAsync(Key("stream"), value);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5_000).Select(_ => redis.GetDatabase().StringIncrementAsync(Key("streamed"))));

        Assert.Equal(value, (byte[]?)await redis.GetDatabase().StringGetAsync(Key("stream")));
        Assert.Equal(5_000, answers[^1]);
    }

    [Fact]
    public async Task Status_and_counters_can_be_read()
    {
        await using var redis = await ConnectAsync();
        await redis.GetDatabase().PingAsync();

        Assert.Contains("ops=", redis.GetStatus(), StringComparison.Ordinal);
        Assert.True(redis.GetCounters().TotalOutstanding >= 0);
    }

    private static Task<ConnectionMultiplexer> ConnectAsync(RedisServer server, BacklogPolicy backlog)
    {
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        options.BacklogPolicy = backlog;
        options.ReconnectRetryPolicy = new LinearRetry(50);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
        return ConnectionMultiplexer.ConnectAsync(options);
    }

    private async Task<ConnectionMultiplexer> ConnectAsync() =>
        await ConnectionMultiplexer.ConnectAsync((await servers.RedisAsync()).ConnectionString);

    private RedisKey Key(string name) => _prefix + name;

    // As TLS or a proxy would wrap it.
    private sealed class PlainStream : Tunnel
    {
        public override ValueTask<Stream?> BeforeAuthenticateAsync(
            EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken) =>
            new(new NetworkStream(socket!));
    }
}
