using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.History;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker;
using NearbyFriends.HistoryWorker.Storing;
using NearbyFriends.HistoryWorker.Streams;
using NearbyFriends.HistoryWorker.Upkeep;
using NearbyFriends.ServiceDefaults.Schemas;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.History;

/// <summary>The parts of the history in this process, around real servers: a database of its own, perhaps a stream server.</summary>
internal sealed class HistoryHost : IAsyncDisposable
{
    private readonly IHost _host;

    private HistoryHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public NpgsqlDataSource Database => Services.GetRequiredKeyedService<NpgsqlDataSource>(HistorySchema.Database);

    public IDatabase Stream => Services.GetRequiredKeyedService<IConnectionMultiplexer>(HistoryStreams.Server).GetDatabase();

    public HistoryStore Store => Services.GetRequiredService<HistoryStore>();

    public HistoryReader Reader => Services.GetRequiredService<HistoryReader>();

    public HistoryEraser Eraser => Services.GetRequiredService<HistoryEraser>();

    public HistoryUpkeep Upkeep => Services.GetRequiredService<HistoryUpkeep>();

    public HistoryPartitions Partitions => Services.GetRequiredService<HistoryPartitions>();

    /// <summary>Only the database: what an import or a reader uses.</summary>
    public static async Task<HistoryHost> StartAsync(string database, params (string Key, string Value)[] settings)
    {
        var host = await StartAsync(database, null, services => services.AddHistoryStore(), settings);
        await host.Services.GetRequiredKeyedService<SchemaMigration>(HistorySchema.Database).Ready;
        return host;
    }

    /// <summary>A whole worker; returns when the database has its schema.</summary>
    public static async Task<HistoryHost> StartWorkerAsync(string database, string stream, params (string Key, string Value)[] settings)
    {
        var host = await StartWorkerAloneAsync(database, stream, settings);
        await host.Services.GetRequiredKeyedService<SchemaMigration>(HistorySchema.Database).Ready;
        return host;
    }

    /// <summary>A whole worker, whether or not the database is available.</summary>
    public static Task<HistoryHost> StartWorkerAloneAsync(string database, string stream, params (string Key, string Value)[] settings) =>
        StartAsync(database, stream, services => services.AddHistoryStore().AddHistoryLanes(), settings);

    /// <summary>The gateway's end.</summary>
    public static Task<HistoryHost> StartAppenderAsync(string stream, params (string Key, string Value)[] settings) =>
        StartAsync(null, stream, services => services.AddHistoryAppender(), settings);

    public static HistoryPoint Point(long user, long time, double latitude = 37.5, double longitude = 127, float accuracy = 5, long? receivedAt = null) =>
        new(user, Location.FromDegrees(latitude, longitude, time), accuracy, receivedAt ?? time + 40);

    /// <summary>Now, in Unix milliseconds.</summary>
    public static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>How many streams this worker reads.</summary>
    public int Streams => Services.GetRequiredService<HistoryStreamMetrics>().Streams;

    /// <summary>Why this worker stores nothing at the moment.</summary>
    public string? Trouble => Services.GetRequiredService<StreamCoordinator>().Trouble;

    /// <summary>Points that wait in this gateway.</summary>
    public int Buffered => Services.GetRequiredService<HistoryAppender>().Buffered;

    public static IReadOnlyList<HistoryPoint> Decode(StreamEntry entry)
    {
        ReadOnlySpan<byte> batch = ((ReadOnlyMemory<byte>)entry[HistoryStreams.BatchField]).Span;
        var points = new HistoryPoint[HistoryBatch.MaxPointsIn(batch.Length)];
        Assert.Null(HistoryBatch.Decode(batch, points, out var count));
        return points[..count];
    }

    public void Append(in HistoryPoint point) => Services.GetRequiredService<HistoryAppender>().Append(point);

    /// <summary>Puts points of one user into the stream as an entry of their own.</summary>
    public async Task AppendEntryAsync(params HistoryPoint[] points)
    {
        var batch = new byte[HistoryBatch.MaxBytes(points.Length)];
        var length = HistoryBatch.Encode(points, batch);
        await Stream.StreamAddAsync(HistoryStreams.Key(HistoryStreams.Of(points[0].UserId)), HistoryStreams.BatchField, batch.AsMemory(0, length));
    }

    /// <summary>The times of a user's points in the stream, in their order there.</summary>
    public async Task<List<long>> TimesInStreamAsync(long user) =>
        [.. (await Stream.StreamRangeAsync(HistoryStreams.Key(HistoryStreams.Of(user)))).SelectMany(Decode).Select(point => point.Location.Time)];

    /// <summary>Entries in all streams.</summary>
    public async Task<long> EntriesAsync() =>
        (await Task.WhenAll(Enumerable.Range(0, HistoryStreams.Count).Select(i => Stream.StreamLengthAsync(HistoryStreams.Key(i))))).Sum();

    /// <summary>Rows; -1 while the database is unavailable.</summary>
    public async Task<long> CountedAsync()
    {
        try
        {
            return await RowsAsync();
        }
        catch (NpgsqlException)
        {
            return -1;
        }
    }

    public Task<long> RowsAsync() => QueryAsync<long>("select count(*) from location_history");

    public Task StopAsync() => _host.StopAsync();

    public async Task<int> StoreAsync(bool mayBeStored, params IEnumerable<HistoryPoint> points)
    {
        var buffer = new PointBuffer();
        foreach (var point in points)
        {
            buffer.Add(point);
        }

        return await Store.StoreAsync(buffer, mayBeStored, TestContext.Current.CancellationToken);
    }

    public async Task<T> QueryAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public Task<long> RowsOfAsync(long user) => QueryAsync<long>($"select count(*) from location_history where user_id = {user}");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (Services is IAsyncDisposable services)
        {
            await services.DisposeAsync();
        }
    }

    private static async Task<HistoryHost> StartAsync(
        string? database, string? stream, Action<IServiceCollection> add, (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        if (database is not null)
        {
            builder.Services.AddKeyedSingleton(HistorySchema.Database, (_, _) => CheckedDatabase.Create(database));
        }

        if (stream is not null)
        {
            builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(
                HistoryStreams.Server, (_, _) => ConnectionMultiplexer.Connect(stream + ",abortConnect=false,syncTimeout=10000,asyncTimeout=10000"));
        }

        add(builder.Services);
        var host = new HistoryHost(builder.Build());
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
