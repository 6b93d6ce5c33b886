using System.Buffers.Binary;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>
/// The pieces of Postgres's binary COPY format: each field is its length in bytes and its value, most significant byte
/// first. Source: "COPY", section "Binary Format", of the PostgreSQL manual.
/// </summary>
public static class PostgresCopyFormat
{
    // Signature, flags, length of the extension.
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>
    /// Writes the header; each row then starts with the number of its fields as 16 bits. Returns the bytes written, as do all
    /// methods here.
    /// </summary>
    public static int WriteHeader(Span<byte> target)
    {
        Header.CopyTo(target);
        return Header.Length;
    }

    /// <summary>Writes the trailer.</summary>
    public static int WriteTrailer(Span<byte> target)
    {
        BinaryPrimitives.WriteInt16BigEndian(target, -1);
        return sizeof(short);
    }

    public static int WriteLong(Span<byte> target, long value)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(target[4..], value);
        return 12;
    }

    public static int WriteInt(Span<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(target[4..], value);
        return 8;
    }

    /// <summary>NaN is written as null.</summary>
    public static int WriteFloat(Span<byte> target, float value)
    {
        if (float.IsNaN(value))
        {
            BinaryPrimitives.WriteInt32BigEndian(target, -1);
            return 4;
        }

        BinaryPrimitives.WriteInt32BigEndian(target, sizeof(float));
        BinaryPrimitives.WriteSingleBigEndian(target[4..], value);
        return 8;
    }
}
