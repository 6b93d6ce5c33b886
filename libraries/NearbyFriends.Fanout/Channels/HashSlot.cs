using System.Text;

namespace NearbyFriends.Fanout.Channels;

/// <summary>Hash slots of a Redis Cluster, of which each master serves a range.</summary>
/// <remarks>
/// Source: the cluster specification of Redis, "Key distribution model" and "Hash tags": CRC16 (XMODEM) modulo 16,384, of what stands
/// between the first braces, if anything does.
/// </remarks>
public static class HashSlot
{
    /// <summary>How many there are.</summary>
    public const int Count = 16_384;

    // Of a slice's width: so near its middle a name falls, however the masters share out the slots.
    private const int PartOfSlice = 64;

    /// <summary>The slot of a key or channel, 0 to <see cref="Count"/> - 1.</summary>
    public static int Of(string name)
    {
        var open = name.IndexOf('{', StringComparison.Ordinal);
        var close = open < 0 ? -1 : name.IndexOf('}', open);
        return Crc16(Encoding.UTF8.GetBytes(close > open + 1 ? name[(open + 1)..close] : name)) % Count;
    }

    /// <summary>
    /// Hash tags whose slots are spread evenly: the i-th is in the middle of the i-th of as many equal slices of all slots. Masters that
    /// serve equal ranges, as clusters are created, have the same number of them, or one more. The same in every process.
    /// </summary>
    /// <param name="count">How many tags; 1 to 4,096.</param>
    public static string[] SpreadTags(int count)
    {
        var tags = new string?[count];
        for (int number = 0, found = 0; found < count; number++)
        {
            var slot = Of($"{number}");
            var slice = slot * count / Count;
            var fromMiddle = Math.Abs((slot * count) - (((2 * slice) + 1) * Count / 2)); // in slots, times count
            if (tags[slice] is null && fromMiddle < Math.Max(count, Count / PartOfSlice))
            {
                tags[slice] = $"{number}";
                found++;
            }
        }

        return tags!;
    }

    private static int Crc16(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var value in bytes)
        {
            crc ^= value << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x1021;
            }
        }

        return crc & 0xFFFF;
    }
}
