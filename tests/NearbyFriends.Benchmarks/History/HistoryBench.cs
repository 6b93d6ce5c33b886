using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NearbyFriends.Core.Geo;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker;
using NearbyFriends.TestServers;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.Benchmarks.History;

/// <summary>The servers of the history's measurements, and the points to send through them.</summary>
internal sealed class HistoryBench : IAsyncDisposable
{
    private readonly RedisServer _redis;

    private HistoryBench(RedisServer redis, PostgresServer postgres, string database)
    {
        (_redis, Postgres, DatabaseConnection) = (redis, postgres, database);
        Redis = ConnectionMultiplexer.Connect(redis.ConnectionString);
        Database = NpgsqlDataSource.Create(database + ";Command Timeout=300");
    }

    public PostgresServer Postgres { get; }

    public string DatabaseConnection { get; }

    public string StreamConnection => _redis.ConnectionString;

    public ConnectionMultiplexer Redis { get; }

    public NpgsqlDataSource Database { get; }

    public IDatabase Stream => Redis.GetDatabase();

    public static async Task<HistoryBench> StartAsync()
    {
        var redis = await RedisServer.StartAsync(arguments: ["--appendonly", "yes", "--appendfsync", "everysec"]);
        var postgres = await PostgresServer.StartAsync();
        return new(redis, postgres, await postgres.CreateDatabaseAsync("history"));
    }

    /// <summary>Updates as 100,000 users would send them, one every 30 s each, in the order of their times; no two alike.</summary>
    public static IEnumerable<HistoryPoint> Points(int count)
    {
        const int Users = 100_000;
        var random = new Random(42);
        var users = new long[Users];
        foreach (ref var user in users.AsSpan())
        {
            user = random.NextInt64(1, long.MaxValue);
        }

        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (count / Users * 30_000L);
        for (var i = 0; i < count; i++)
        {
            var time = start + (i / Users * 30_000L) + (i % Users * 30_000L / Users);
            var location = Location.FromDegrees(37.4 + (random.NextDouble() * 0.2), 126.9 + (random.NextDouble() * 0.2), time);
            yield return new(users[i % Users], location, 5 + (i % 20), time + 150);
        }
    }

    /// <summary>Puts points into the streams in entries of <paramref name="batch"/> points, as gateways do.</summary>
    public async Task FillAsync(IEnumerable<HistoryPoint> points, int batch)
    {
        var waiting = Enumerable.Range(0, HistoryStreams.Count).Select(_ => new List<HistoryPoint>(batch)).ToArray();
        var sending = new List<Task>();
        foreach (var point in points)
        {
            var stream = HistoryStreams.Of(point.UserId);
            waiting[stream].Add(point);
            if (waiting[stream].Count == batch)
            {
                sending.Add(SendAsync(stream, waiting[stream]));
                waiting[stream].Clear();
            }

            if (sending.Count == 500)
            {
                await Task.WhenAll(sending);
                sending.Clear();
            }
        }

        for (var stream = 0; stream < waiting.Length; stream++)
        {
            if (waiting[stream].Count > 0)
            {
                sending.Add(SendAsync(stream, waiting[stream]));
            }
        }

        await Task.WhenAll(sending);
    }

    /// <summary>Entries in all streams.</summary>
    public async Task<long> EntriesAsync() =>
        (await Task.WhenAll(Enumerable.Range(0, HistoryStreams.Count).Select(i => Stream.StreamLengthAsync(HistoryStreams.Key(i))))).Sum();

    public Task EmptiedAsync() => Eventually.True(async () => await EntriesAsync() == 0, "the workers empty the streams", TimeSpan.FromMinutes(10));

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A worker in this process, with its defaults.</summary>
    public async Task<IHost> StartWorkerAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKeyedSingleton(HistorySchema.Database, (_, _) => NpgsqlDataSource.Create(DatabaseConnection));
        builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(HistoryStreams.Server, (_, _) => ConnectionMultiplexer.Connect(StreamConnection));
        builder.Services.AddHistoryStore().AddHistoryLanes();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>A worker as a process of its own.</summary>
    public Task<ServiceProcess> StartWorkerProcessAsync() => ServiceProcess.StartAsync(
        "NearbyFriends.HistoryWorker",
        ("ConnectionStrings:history", DatabaseConnection),
        ("ConnectionStrings:history-stream", StreamConnection),
        ("History:LeaseTime", "00:00:02"));

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Database.DisposeAsync();
        await Postgres.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private Task<RedisValue> SendAsync(int stream, List<HistoryPoint> points)
    {
        var batch = new byte[HistoryBatch.MaxBytes(points.Count)];
        var length = HistoryBatch.Encode([.. points], batch);
        return Stream.StreamAddAsync(HistoryStreams.Key(stream), HistoryStreams.BatchField, batch.AsMemory(0, length));
    }
}
