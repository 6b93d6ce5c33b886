using System.Buffers;
using System.Buffers.Binary;
using NearbyFriends.History;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>
/// Writes points in Postgres's binary COPY format, straight into the copy stream: every row is 62 bytes, or 58 without
/// an accuracy, so encoding one is a few stores.
/// </summary>
public static class CopyRows
{
    /// <summary>The columns in the order in which rows are written.</summary>
    public const string Columns = "user_id, recorded_at, received_at, latitude, longitude, accuracy";

    private const int MaxRowBytes = 62;
    private const int BufferBytes = 128 * 1024;
    private const short ColumnCount = 6;

    // Postgres counts microseconds from 2000-01-01; 946,684,800 seconds lie between.
    private const long PostgresEpochMilliseconds = 946_684_800_000;

    /// <summary>Copies <paramref name="points"/> into <paramref name="table"/> within the connection's transaction.</summary>
    /// <exception cref="PostgresException">A row is refused; the transaction is lost.</exception>
    public static async Task CopyAsync(
        NpgsqlConnection connection, string table, ReadOnlyMemory<HistoryPoint> points, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        await using var copy = await connection.BeginRawBinaryCopyAsync($"copy {table} ({Columns}) from stdin (format binary)", cancellationToken);
        try
        {
            var length = PostgresCopyFormat.WriteHeader(buffer);
            while (!points.IsEmpty)
            {
                var rows = Math.Min(points.Length, (buffer.Length - length) / MaxRowBytes);
                length += Encode(points.Span[..rows], buffer.AsSpan(length));
                points = points[rows..];
                await copy.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
                length = 0;
            }

            length += PostgresCopyFormat.WriteTrailer(buffer.AsSpan(length));
            await copy.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
        }
        catch
        {
            // Without this, leaving the block would end the copy as if it were complete.
            await copy.CancelAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Encode(ReadOnlySpan<HistoryPoint> points, Span<byte> target)
    {
        var length = 0;
        foreach (ref readonly var point in points)
        {
            BinaryPrimitives.WriteInt16BigEndian(target[length..], ColumnCount);
            length += sizeof(short);
            length += PostgresCopyFormat.WriteLong(target[length..], point.UserId);
            length += PostgresCopyFormat.WriteLong(target[length..], Microseconds(point.Location.Time));
            length += PostgresCopyFormat.WriteLong(target[length..], Microseconds(point.ReceivedAt));
            length += PostgresCopyFormat.WriteInt(target[length..], point.Location.LatitudeE7);
            length += PostgresCopyFormat.WriteInt(target[length..], point.Location.LongitudeE7);
            length += PostgresCopyFormat.WriteFloat(target[length..], point.AccuracyMetres);
        }

        return length;
    }

    private static long Microseconds(long unixMilliseconds) => (unixMilliseconds - PostgresEpochMilliseconds) * 1000;
}
