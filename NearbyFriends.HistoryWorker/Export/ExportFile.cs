using NearbyFriends.History;

namespace NearbyFriends.HistoryWorker.Export;

/// <summary>The formats of an export.</summary>
public enum ExportFormat
{
    /// <summary>Comma-separated values, compressed with gzip.</summary>
    Csv,

    /// <summary>Apache Parquet.</summary>
    Parquet,
}

/// <summary>
/// One file of an export: a day. Columns: user, recorded_at, latitude, longitude, accuracy, received_at; their types are
/// the format's. It has its final name only once it is complete.
/// </summary>
internal sealed class ExportFile : IAsyncDisposable
{
    private const string Unfinished = ".unfinished";

    private readonly string _path;
    private readonly FileStream _file;
    private readonly IRowWriter _rows;
    private bool _complete;

    private ExportFile(string path, FileStream file, IRowWriter rows) => (_path, _file, _rows) = (path, file, rows);

    public string Name => Path.GetFileName(_path);

    /// <summary>Rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Begins the file of <paramref name="day"/> in <paramref name="folder"/>.</summary>
    public static async Task<ExportFile> CreateAsync(string folder, DateOnly day, ExportFormat format)
    {
        var extension = format == ExportFormat.Csv ? "csv.gz" : "parquet";
        var path = Path.Combine(folder, $"location-history-{day:yyyy-MM-dd}.{extension}");
        var file = File.Create(path + Unfinished);
        return new(path, file, format == ExportFormat.Csv ? new CsvRows(file) : await ParquetRows.CreateAsync(file));
    }

    /// <summary>The columns of a format with their types, for the manifest.</summary>
    public static IReadOnlyList<string> Columns(ExportFormat format) => format == ExportFormat.Csv ? CsvRows.Columns : ParquetRows.Columns;

    /// <summary>Adds a row.</summary>
    public ValueTask WriteAsync(string user, HistoryPoint point)
    {
        Rows++;
        return _rows.WriteAsync(user, point);
    }

    /// <summary>Completes the file and gives it its final name.</summary>
    public async Task CompleteAsync()
    {
        await _rows.CompleteAsync();
        await CloseAsync();
        File.Move(_path + Unfinished, _path, overwrite: true);
        _complete = true;
    }

    /// <summary>Removes the file unless it is complete.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_complete)
        {
            return;
        }

        try
        {
            await CloseAsync();
        }
        finally
        {
            File.Delete(_path + Unfinished);
        }
    }

    private async ValueTask CloseAsync()
    {
        await _rows.DisposeAsync();
        await _file.DisposeAsync();
    }
}
