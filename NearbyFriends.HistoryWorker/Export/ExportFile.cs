using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;

namespace NearbyFriends.HistoryWorker.Export;

/// <summary>The formats of an export.</summary>
public enum ExportFormat
{
    /// <summary>Comma-separated values, compressed with gzip.</summary>
    Csv,

    /// <summary>What Postgres's <c>COPY ... WITH (FORMAT binary)</c> reads.</summary>
    Pgcopy,
}

/// <summary>
/// One file of an export: a day. Columns: user (text), recorded_at (Unix milliseconds), latitude, longitude (degrees),
/// accuracy (metres, or nothing), received_at (Unix milliseconds). It has its final name only once it is complete.
/// </summary>
public sealed class ExportFile : IAsyncDisposable
{
    private const int MaxRowBytes = 256;
    private const string Unfinished = ".unfinished";

    private readonly string _path;
    private readonly ExportFormat _format;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _length;
    private bool _complete;

    /// <summary>Begins the file of <paramref name="day"/> in <paramref name="folder"/>.</summary>
    public ExportFile(string folder, DateOnly day, ExportFormat format)
    {
        var extension = format == ExportFormat.Csv ? "csv.gz" : "pgcopy";
        Name = $"location-history-{day:yyyy-MM-dd}.{extension}";
        (_path, _format) = (Path.Combine(folder, Name), format);
        var file = File.Create(_path + Unfinished);
        _stream = format == ExportFormat.Csv ? new GZipStream(file, CompressionLevel.Fastest) : file;
        _length = format == ExportFormat.Csv
            ? Encoding.ASCII.GetBytes("user,recorded_at,latitude,longitude,accuracy,received_at\n", _buffer)
            : PostgresCopyFormat.WriteHeader(_buffer);
    }

    public string Name { get; }

    /// <summary>Rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a row.</summary>
    public void Write(string user, in HistoryPoint point)
    {
        if (_buffer.Length - _length < MaxRowBytes)
            Flush();

        var target = _buffer.AsSpan(_length);
        _length += _format == ExportFormat.Csv ? WriteCsv(target, user, point) : WriteCopy(target, user, point);
        Rows++;
    }

    /// <summary>Ends the file and gives it its name.</summary>
    public async Task CompleteAsync()
    {
        if (_format == ExportFormat.Pgcopy)
            _length += PostgresCopyFormat.WriteTrailer(_buffer.AsSpan(_length));

        Flush();
        await _stream.DisposeAsync();
        File.Move(_path + Unfinished, _path, overwrite: true);
        _complete = true;
    }

    /// <summary>Removes the file unless it is complete.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        if (!_complete)
            File.Delete(_path + Unfinished);
    }

    private void Flush()
    {
        _stream.Write(_buffer, 0, _length);
        _length = 0;
    }

    private static int WriteCsv(Span<byte> target, string user, in HistoryPoint point)
    {
        int written;
        var location = point.Location;
        _ = float.IsNaN(point.AccuracyMetres)
            ? Utf8.TryWrite(target, $"{user},{location.Time},{location.Latitude:F7},{location.Longitude:F7},,{point.ReceivedAt}\n", out written)
            : Utf8.TryWrite(target, $"{user},{location.Time},{location.Latitude:F7},{location.Longitude:F7},{point.AccuracyMetres},{point.ReceivedAt}\n", out written);
        return written;
    }

    private static int WriteCopy(Span<byte> target, string user, in HistoryPoint point)
    {
        BinaryPrimitives.WriteInt16BigEndian(target, 6);
        BinaryPrimitives.WriteInt32BigEndian(target[2..], user.Length);
        var length = 6 + Encoding.ASCII.GetBytes(user, target[6..]);
        length += PostgresCopyFormat.WriteLong(target[length..], point.Location.Time);
        length += PostgresCopyFormat.WriteDouble(target[length..], point.Location.Latitude);
        length += PostgresCopyFormat.WriteDouble(target[length..], point.Location.Longitude);
        length += PostgresCopyFormat.WriteFloat(target[length..], point.AccuracyMetres);
        return length + PostgresCopyFormat.WriteLong(target[length..], point.ReceivedAt);
    }
}
