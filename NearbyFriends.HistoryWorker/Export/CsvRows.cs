using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using NearbyFriends.History;

namespace NearbyFriends.HistoryWorker.Export;

/// <summary>Comma-separated values with a header, compressed with gzip. An accuracy that the device did not report is empty.</summary>
internal sealed class CsvRows : IRowWriter
{
    private const int MaxRowBytes = 256;

    private readonly GZipStream _stream;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _length;

    /// <summary>Begins with the header.</summary>
    public CsvRows(Stream file)
    {
        _stream = new(file, CompressionLevel.Fastest);
        _length = Encoding.ASCII.GetBytes("user,recorded_at,latitude,longitude,accuracy,received_at\n", _buffer);
    }

    /// <summary>The columns with their types, for the manifest.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "user text", "recorded_at bigint (Unix milliseconds)", "latitude double precision (degrees WGS 84)",
        "longitude double precision (degrees WGS 84)", "accuracy real (metres, may be empty)", "received_at bigint (Unix milliseconds)",
    ];

    public async ValueTask WriteAsync(string user, HistoryPoint point)
    {
        if (_buffer.Length - _length < MaxRowBytes)
        {
            await FlushAsync();
        }

        _length += Format(_buffer.AsSpan(_length), user, point);
    }

    public async Task CompleteAsync()
    {
        await FlushAsync();
        await _stream.FlushAsync();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async ValueTask FlushAsync()
    {
        await _stream.WriteAsync(_buffer.AsMemory(0, _length));
        _length = 0;
    }

    private static int Format(Span<byte> target, string user, in HistoryPoint point)
    {
        int written;
        var location = point.Location;
        _ = float.IsNaN(point.AccuracyMetres)
            ? Utf8.TryWrite(target, $"{user},{location.Time},{location.Latitude:F7},{location.Longitude:F7},,{point.ReceivedAt}\n", out written)
            : Utf8.TryWrite(target, $"{user},{location.Time},{location.Latitude:F7},{location.Longitude:F7},{point.AccuracyMetres},{point.ReceivedAt}\n", out written);
        return written;
    }
}
