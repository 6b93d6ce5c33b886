using System.Buffers.Binary;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;

namespace NearbyFriends.History;

/// <summary>
/// The value of a stream entry: up to 256 points, about 19 bytes each.
/// </summary>
/// <remarks>
/// One byte for the version (1), a varint for the number of points, then per point: varint user id; varint of the
/// time of receipt as a signed difference to the point before (the first: to 0); varint of receipt minus time, signed;
/// latitude and longitude as little-endian 32-bit multiples of 1e-7 degree; varint accuracy in centimetres plus one,
/// 0 for none. Signed numbers are zigzag-coded, varints are base 128 with the low bits first, both as in Protocol
/// Buffers' encoding. Users are readable without a table, so that an erased user's points can be left out anywhere.
/// </remarks>
public static class HistoryBatch
{
    /// <summary>The most points of a batch that a gateway sends.</summary>
    public const int MaxPoints = 256;

    /// <summary>The most bytes that a batch of <paramref name="points"/> can take.</summary>
    public static int MaxBytes(int points) => 1 + MaxVarint + (points * ((4 * MaxVarint) + 8));

    private const byte Version = 1;
    private const int MaxVarint = 10;
    private const int MinPointBytes = 12;
    private const float MaxAccuracyMetres = 40_075_017; // around the Earth; a larger value carries no information

    /// <summary>Writes <paramref name="points"/> into <paramref name="target"/> and answers the number of bytes written.</summary>
    /// <param name="points">At most <see cref="MaxPoints"/>.</param>
    /// <param name="target">At least <see cref="MaxBytes"/> long.</param>
    public static int Encode(ReadOnlySpan<HistoryPoint> points, Span<byte> target)
    {
        target[0] = Version;
        var length = 1;
        WriteVarint(target, ref length, (ulong)points.Length);
        var previous = 0L;
        foreach (ref readonly var point in points)
        {
            WriteVarint(target, ref length, (ulong)point.UserId);
            WriteVarint(target, ref length, Zigzag(point.ReceivedAt - previous));
            WriteVarint(target, ref length, Zigzag(point.ReceivedAt - point.Location.Time));
            BinaryPrimitives.WriteInt32LittleEndian(target[length..], point.Location.LatitudeE7);
            BinaryPrimitives.WriteInt32LittleEndian(target[(length + 4)..], point.Location.LongitudeE7);
            length += 8;
            WriteVarint(target, ref length, Centimetres(point.AccuracyMetres));
            previous = point.ReceivedAt;
        }

        return length;
    }

    /// <summary>The most points that a batch of <paramref name="bytes"/> can hold.</summary>
    public static int MaxPointsIn(int bytes) => bytes / MinPointBytes;

    /// <summary>Reads the points of <paramref name="batch"/>; answers null, or why it cannot be read.</summary>
    /// <param name="batch">What <see cref="Encode"/> wrote.</param>
    /// <param name="points">At least <see cref="MaxPointsIn"/> long.</param>
    /// <param name="count">How many points were read; 0 when it cannot be read.</param>
    public static string? Decode(ReadOnlySpan<byte> batch, Span<HistoryPoint> points, out int count)
    {
        count = 0;
        if (batch.IsEmpty)
        {
            return "empty";
        }

        if (batch[0] != Version)
        {
            return $"unknown version {batch[0]}";
        }

        var rest = batch[1..];
        if (!ReadVarint(ref rest, out var announced) || announced > (ulong)MaxPointsIn(rest.Length))
        {
            return "truncated";
        }

        if (DecodePoints(ref rest, points[..(int)announced]) is { } reason)
        {
            return reason;
        }

        if (!rest.IsEmpty)
        {
            return "trailing bytes";
        }

        count = (int)announced;
        return null;
    }

    private static string? DecodePoints(ref ReadOnlySpan<byte> rest, Span<HistoryPoint> points)
    {
        var receivedAt = 0L;
        foreach (ref var point in points)
        {
            if (!ReadVarint(ref rest, out var user) || !ReadVarint(ref rest, out var sinceLast) || !ReadVarint(ref rest, out var age)
                || rest.Length < 8)
            {
                return "truncated";
            }

            receivedAt += Unzigzag(sinceLast);
            var location = new Location(
                BinaryPrimitives.ReadInt32LittleEndian(rest), BinaryPrimitives.ReadInt32LittleEndian(rest[4..]), receivedAt - Unzigzag(age));
            rest = rest[8..];
            if (!ReadVarint(ref rest, out var centimetres))
            {
                return "truncated";
            }

            point = new((long)user, location, Metres(centimetres), receivedAt);
            if (Fault(point) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    // Values that Postgres cannot store, or that no client can have sent.
    private static string? Fault(in HistoryPoint point)
    {
        if (point.UserId <= 0)
        {
            return "user id out of range";
        }

        if (!point.Location.IsPossible)
        {
            return "position out of range";
        }

        return IsTime(point.Location.Time) && IsTime(point.ReceivedAt) ? null : "time out of range";
    }

    // 1970 to 9999: what DateTimeOffset and timestamptz both hold.
    private static bool IsTime(long milliseconds) => milliseconds is >= 0 and <= UnixTime.Last;

    private static ulong Centimetres(float metres) =>
        metres is >= 0 and <= MaxAccuracyMetres ? (ulong)MathF.Round(metres * 100) + 1 : 0; // NaN compares false

    private static float Metres(ulong centimetres) => centimetres == 0 ? float.NaN : (centimetres - 1) / 100f;

    private static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static void WriteVarint(Span<byte> target, ref int length, ulong value)
    {
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
    }

    private static bool ReadVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(rest.Length, MaxVarint); i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
