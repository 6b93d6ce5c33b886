using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.History;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>
/// Locations of many users: comma-separated values with the header <c>mover_id,epoch_seconds,lat,lon</c>. Seconds may have a
/// fraction, of which milliseconds are kept.
/// </summary>
public static class MoverRows
{
    /// <summary>The first line.</summary>
    public const string Header = "mover_id,epoch_seconds,lat,lon";

    /// <summary>Reads the rows; the caller disposes the stream.</summary>
    /// <param name="content">UTF-8.</param>
    /// <param name="receivedAt">The time of receipt of all points, Unix milliseconds.</param>
    /// <exception cref="FormatException">It has another header, or a line is malformed; the message names the line.</exception>
    public static IEnumerable<HistoryPoint> Read(Stream content, long receivedAt)
    {
        using var lines = new StreamReader(content, leaveOpen: true);
        if (lines.ReadLine() != Header)
        {
            throw new FormatException($"the first line must be {Header}.");
        }

        for (var number = 2; lines.ReadLine() is { } line; number++)
        {
            yield return Parse(line, number, receivedAt);
        }
    }

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

    private static HistoryPoint Parse(ReadOnlySpan<char> line, int number, long receivedAt)
    {
        Span<Range> fields = stackalloc Range[5];
        if (line.Split(fields, ',') != 4
            || fields[0].End.Value == 0
            || !decimal.TryParse(line[fields[1]], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            || !double.TryParse(line[fields[2]], NumberStyles.Float, CultureInfo.InvariantCulture, out var latitude)
            || !double.TryParse(line[fields[3]], NumberStyles.Float, CultureInfo.InvariantCulture, out var longitude))
        {
            throw new FormatException($"line {number}: expected {Header}.");
        }

        if (!Location.IsOnEarth(latitude, longitude) || seconds > 253_402_300_799)
        {
            throw new FormatException($"line {number}: the position or the time is out of range.");
        }

        var location = Location.FromDegrees(latitude, longitude, (long)(seconds * 1000));
        return new(UserIdOf(line[fields[0]]), location, float.NaN, receivedAt);
    }
}
