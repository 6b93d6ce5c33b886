using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace NearbyFriends.Core;

/// <summary>Hashes that every process, version and machine computes alike.</summary>
public static class StableHash
{
    /// <summary>
    /// Mixes all bits of <paramref name="value"/>: the finalizer of SplitMix64
    /// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
    /// </summary>
    public static ulong Of(long value)
    {
        var z = (ulong)value + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The first eight bytes of the text's SHA-256; for names, where speed does not matter.</summary>
    public static ulong Of(string text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    /// <summary>Hashes a short text fast: FNV-1a (Fowler, Noll, Vo) over its UTF-16 code units, then <see cref="Of(long)"/>.</summary>
    public static ulong OfShort(string text)
    {
        var hash = 14695981039346656037;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return Of((long)hash);
    }

    /// <summary>Maps a hash to 0..<paramref name="count"/>-1 evenly, without a division.</summary>
    public static int ToRange(ulong hash, int count) => (int)Math.BigMul(hash, (ulong)count, out _);
}
