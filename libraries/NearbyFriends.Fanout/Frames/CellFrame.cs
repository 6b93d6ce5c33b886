using System.Buffers.Binary;
using NearbyFriends.Core.Geo;

namespace NearbyFriends.Fanout.Frames;

/// <summary>
/// The bytes of a frame on a cell's channel: a header of 8, then the entries, each as <see cref="StrangerLocation.Write"/> writes it.
/// </summary>
/// <remarks>
/// <code>
/// header  'N' 'C'  format(1)=1  0  entries(2, little endian)  0 0
/// </code>
/// </remarks>
public static class CellFrame
{
    /// <summary>Entries in the largest frame, of 20 KiB.</summary>
    public const int MaxEntries = 512;

    private const int HeaderBytes = 8;
    private const byte Format = 1;

    /// <summary>The bytes of a frame.</summary>
    /// <param name="entries">1 to <see cref="MaxEntries"/>.</param>
    public static byte[] Of(ReadOnlySpan<StrangerLocation> entries)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries.Length, MaxEntries, nameof(entries));
        var frame = new byte[HeaderBytes + (entries.Length * StrangerLocation.Bytes)];
        (frame[0], frame[1], frame[2]) = ((byte)'N', (byte)'C', Format);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(4), (ushort)entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i].Write(frame.AsSpan(HeaderBytes + (i * StrangerLocation.Bytes)));
        }

        return frame;
    }

    /// <summary>Whether the bytes begin as a frame of a cell does, of whatever format; those of users' channels do not.</summary>
    public static bool IsCellFrame(ReadOnlySpan<byte> frame) => frame is [(byte)'N', (byte)'C', ..];

    /// <summary>The entries of a frame; null when the bytes are none of this format.</summary>
    public static StrangerLocation[]? TryRead(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < HeaderBytes || !IsCellFrame(frame) || frame[2] != Format)
        {
            return null;
        }

        var entries = new StrangerLocation[BinaryPrimitives.ReadUInt16LittleEndian(frame[4..])];
        if (frame.Length != HeaderBytes + (entries.Length * StrangerLocation.Bytes))
        {
            return null;
        }

        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = StrangerLocation.Read(frame[(HeaderBytes + (i * StrangerLocation.Bytes))..]);
        }

        return entries;
    }
}
