using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>
/// A file of locations: comma-separated values with the header <c>mover_id,epoch_seconds,lat,lon</c>; when its name
/// ends in <c>.gz</c>, compressed. Seconds may have a fraction, of which milliseconds are kept.
/// </summary>
public sealed class MoverFile : IDisposable
{
    private const string Header = "mover_id,epoch_seconds,lat,lon";

    private readonly string _name;
    private readonly FileStream _file;
    private readonly StreamReader _lines;
    private readonly long _receivedAt;
    private int _line = 1;

    /// <summary>Opens the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="receivedAt">The time of receipt of all points, Unix milliseconds.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="FormatException">It has another header.</exception>
    public MoverFile(string path, long receivedAt)
    {
        (_name, _receivedAt) = (Path.GetFileName(path), receivedAt);
        _file = new(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 64 * 1024 });
        _lines = new(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(_file, CompressionMode.Decompress) : _file);
        if (_lines.ReadLine() != Header)
        {
            Dispose();
            throw new FormatException($"{_name}: the first line must be {Header}.");
        }
    }

    /// <summary>Size of the file as it lies on the disk, in bytes.</summary>
    public long Length => _file.Length;

    /// <summary>How much of it has been read, in bytes.</summary>
    public long Position => _file.Position;

    /// <summary>Adds the next points, at most <paramref name="count"/>; answers false at the end of the file.</summary>
    /// <exception cref="FormatException">A line is malformed; the message names it.</exception>
    public bool Read(PointBuffer points, int count)
    {
        for (; count > 0; count--)
        {
            if (_lines.ReadLine() is not { } line)
            {
                return false;
            }

            _line++;
            points.Add(Parse(line));
        }

        return true;
    }

    public void Dispose() => _lines.Dispose();

    /// <summary>
    /// The user id of a mover. An id of this system, which is a positive number in decimal digits, is itself. Any other
    /// name becomes the first 63 bits of the SHA-256 of its UTF-8 bytes: always the same, and practically unique.
    /// </summary>
    public static long UserIdOf(ReadOnlySpan<char> mover)
    {
        if (UserId.Parse(mover.ToString()) is { } id)
        {
            return id;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(mover.ToString()), hash);
        return Math.Max(1, BinaryPrimitives.ReadInt64BigEndian(hash) & long.MaxValue);
    }

    private HistoryPoint Parse(ReadOnlySpan<char> line)
    {
        Span<Range> fields = stackalloc Range[5];
        if (line.Split(fields, ',') != 4
            || fields[0].End.Value == 0
            || !decimal.TryParse(line[fields[1]], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            || !double.TryParse(line[fields[2]], NumberStyles.Float, CultureInfo.InvariantCulture, out var latitude)
            || !double.TryParse(line[fields[3]], NumberStyles.Float, CultureInfo.InvariantCulture, out var longitude))
        {
            throw new FormatException($"{_name}, line {_line}: expected {Header}.");
        }

        if (!Location.IsOnEarth(latitude, longitude) || seconds > 253_402_300_799)
        {
            throw new FormatException($"{_name}, line {_line}: the position or the time is out of range.");
        }

        var location = Location.FromDegrees(latitude, longitude, (long)(seconds * 1000));
        return new(UserIdOf(line[fields[0]]), location, float.NaN, _receivedAt);
    }
}
