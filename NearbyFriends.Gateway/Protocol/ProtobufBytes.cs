using System.Buffers.Binary;
using System.Text;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>Writes protobuf fields into an outgoing message (wire format: protobuf.dev/programming-guides/encoding).</summary>
internal static class ProtobufBytes
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int LengthType = 2;
    private const int Fixed32Type = 5;
    private const int MaxVarintBytes = 10;

    /// <summary>Bytes kept free for a length that is known only at the end; a varint may be longer than it must.</summary>
    private const int LengthBytes = 4;

    public static void Varint(this MessageBuffer buffer, int field, long value)
    {
        buffer.Raw((ulong)(uint)((field << 3) | VarintType));
        buffer.Raw((ulong)value);
    }

    public static void Fixed64(this MessageBuffer buffer, int field, long value)
    {
        buffer.Raw((ulong)(uint)((field << 3) | Fixed64Type));
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(sizeof(long)), value);
        buffer.Advance(sizeof(long));
    }

    public static void Fixed32(this MessageBuffer buffer, int field, int value)
    {
        buffer.Raw((ulong)(uint)((field << 3) | Fixed32Type));
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(sizeof(int)), value);
        buffer.Advance(sizeof(int));
    }

    public static void Text(this MessageBuffer buffer, int field, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        buffer.Raw((ulong)(uint)((field << 3) | LengthType));
        buffer.Raw((ulong)length);
        Encoding.UTF8.GetBytes(text, buffer.GetSpan(length));
        buffer.Advance(length);
    }

    /// <summary>Begins an embedded message; returns what <see cref="EndMessage"/> needs (0 for the first thing in the buffer).</summary>
    public static int BeginMessage(this MessageBuffer buffer, int field)
    {
        var start = buffer.Written.Length;
        buffer.Raw((ulong)(uint)((field << 3) | LengthType));
        buffer.GetSpan(LengthBytes);
        buffer.Advance(LengthBytes);
        return start;
    }

    /// <summary>Ends an embedded message: its length goes where it began, in a varint of four bytes (at most 256 MiB).</summary>
    public static void EndMessage(this MessageBuffer buffer, int start)
    {
        var content = start + 1 + LengthBytes; // field numbers up to 15 have a tag of one byte
        var length = buffer.Written.Length - content;
        var at = buffer.Rewrite(start + 1, LengthBytes);
        for (var i = 0; i < LengthBytes; i++)
        {
            at[i] = (byte)(((length >> (7 * i)) & 0x7F) | (i < LengthBytes - 1 ? 0x80 : 0));
        }
    }

    private static void Raw(this MessageBuffer buffer, ulong varint)
    {
        var span = buffer.GetSpan(MaxVarintBytes);
        var length = 0;
        while (varint >= 0x80)
        {
            span[length++] = (byte)(varint | 0x80);
            varint >>= 7;
        }

        span[length++] = (byte)varint;
        buffer.Advance(length);
    }
}
