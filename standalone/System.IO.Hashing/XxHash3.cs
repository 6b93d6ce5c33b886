using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace System.IO.Hashing;

/// <summary>XXH3, 64 bits: a fast hash for distribution and change detection, not for security.</summary>
/// <remarks>
/// Source: XXH3 in the xxHash specification and reference implementation of Yann Collet (version 0.8, whose results
/// are final). Inputs are read little endian, so results are the same on every machine.
/// </remarks>
public sealed class XxHash3
{
    private const int StripeBytes = 64;
    private const int SecretBytes = 192;
    private const int SecretBytesPerStripe = 8;
    private const int StripesPerBlock = (SecretBytes - StripeBytes) / SecretBytesPerStripe;
    private const int LastStripeSecretOffset = SecretBytes - StripeBytes - 7;
    private const int MergeSecretOffset = 11;
    private const int Lanes = StripeBytes / sizeof(ulong);
    private const int SmallestLongInput = 241;

    private const ulong Prime32A = 0x9E3779B1;
    private const ulong Prime32B = 0x85EBCA77;
    private const ulong Prime32C = 0xC2B2AE3D;
    private const ulong Prime64A = 0x9E3779B185EBCA87;
    private const ulong Prime64B = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime64C = 0x165667B19E3779F9;
    private const ulong Prime64D = 0x85EBCA77C2B2AE63;
    private const ulong Prime64E = 0x27D4EB2F165667C5;
    private const ulong PrimeMixA = 0x165667919E3779F9;
    private const ulong PrimeMixB = 0x9FB21C651E98DF25;

    private XxHash3()
    {
    }

    // The default secret of the specification.
    private static ReadOnlySpan<byte> Secret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
        0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
        0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
        0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
        0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
        0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
        0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
        0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
        0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    /// <summary>The hash of <paramref name="source"/>.</summary>
    public static ulong HashToUInt64(ReadOnlySpan<byte> source, long seed = 0) => source.Length switch
    {
        0 => Avalanche64((ulong)seed ^ Word(Secret, 56) ^ Word(Secret, 64)),
        <= 3 => Hash1To3(source, (ulong)seed),
        <= 8 => Hash4To8(source, (ulong)seed),
        <= 16 => Hash9To16(source, (ulong)seed),
        <= 128 => Hash17To128(source, (ulong)seed),
        < SmallestLongInput => Hash129To240(source, (ulong)seed),
        _ => HashLong(source, (ulong)seed),
    };

    private static ulong Hash1To3(ReadOnlySpan<byte> source, ulong seed)
    {
        var combined = ((uint)source[0] << 16) | ((uint)source[source.Length >> 1] << 24) | source[^1] | ((uint)source.Length << 8);
        return Avalanche64(combined ^ ((ulong)(HalfWord(Secret, 0) ^ HalfWord(Secret, 4)) + seed));
    }

    private static ulong Hash4To8(ReadOnlySpan<byte> source, ulong seed)
    {
        seed ^= (ulong)BinaryPrimitives.ReverseEndianness((uint)seed) << 32;
        var combined = HalfWord(source, source.Length - 4) + ((ulong)HalfWord(source, 0) << 32);
        var hash = combined ^ ((Word(Secret, 8) ^ Word(Secret, 16)) - seed);
        hash ^= ulong.RotateLeft(hash, 49) ^ ulong.RotateLeft(hash, 24);
        hash *= PrimeMixB;
        hash ^= (hash >> 35) + (ulong)source.Length;
        hash *= PrimeMixB;
        return hash ^ (hash >> 28);
    }

    private static ulong Hash9To16(ReadOnlySpan<byte> source, ulong seed)
    {
        var low = Word(source, 0) ^ ((Word(Secret, 24) ^ Word(Secret, 32)) + seed);
        var high = Word(source, source.Length - 8) ^ ((Word(Secret, 40) ^ Word(Secret, 48)) - seed);
        return Avalanche((ulong)source.Length + BinaryPrimitives.ReverseEndianness(low) + high + Fold(low, high));
    }

    private static ulong Hash17To128(ReadOnlySpan<byte> source, ulong seed)
    {
        var hash = (ulong)source.Length * Prime64A;
        for (var i = (source.Length - 1) / 32; i >= 0; i--)
        {
            hash += Mix16(source[(16 * i)..], Secret[(32 * i)..], seed);
            hash += Mix16(source[(source.Length - (16 * (i + 1)))..], Secret[((32 * i) + 16)..], seed);
        }

        return Avalanche(hash);
    }

    private static ulong Hash129To240(ReadOnlySpan<byte> source, ulong seed)
    {
        var hash = (ulong)source.Length * Prime64A;
        for (var i = 0; i < 8; i++)
            hash += Mix16(source[(16 * i)..], Secret[(16 * i)..], seed);

        hash = Avalanche(hash);
        for (var i = 8; i < source.Length / 16; i++)
            hash += Mix16(source[(16 * i)..], Secret[((16 * (i - 8)) + 3)..], seed);

        return Avalanche(hash + Mix16(source[^16..], Secret[(136 - 17)..], seed));
    }

    private static ulong HashLong(ReadOnlySpan<byte> source, ulong seed)
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        for (var i = 0; i < SecretBytes; i += 16)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(secret[i..], Word(Secret, i) + seed);
            BinaryPrimitives.WriteUInt64LittleEndian(secret[(i + 8)..], Word(Secret, i + 8) - seed);
        }

        Span<ulong> lanes = [Prime32C, Prime64A, Prime64B, Prime64C, Prime64D, Prime32B, Prime64E, Prime32A];
        var stripes = (source.Length - 1) / StripeBytes;
        for (var stripe = 0; stripe < stripes; stripe++)
        {
            var inBlock = stripe % StripesPerBlock;
            Accumulate(lanes, source[(stripe * StripeBytes)..], secret[(inBlock * SecretBytesPerStripe)..]);
            if (inBlock == StripesPerBlock - 1)
                Scramble(lanes, secret[(SecretBytes - StripeBytes)..]);
        }

        Accumulate(lanes, source[^StripeBytes..], secret[LastStripeSecretOffset..]);
        var hash = (ulong)source.Length * Prime64A;
        for (var i = 0; i < Lanes; i += 2)
        {
            var key = secret[(MergeSecretOffset + (i * sizeof(ulong)))..];
            hash += Fold(lanes[i] ^ Word(key, 0), lanes[i + 1] ^ Word(key, 8));
        }

        return Avalanche(hash);
    }

    private static void Accumulate(Span<ulong> lanes, ReadOnlySpan<byte> stripe, ReadOnlySpan<byte> secret)
    {
        for (var i = 0; i < Lanes; i++)
        {
            var value = Word(stripe, i * sizeof(ulong));
            var keyed = value ^ Word(secret, i * sizeof(ulong));
            lanes[i ^ 1] += value;
            lanes[i] += (ulong)(uint)keyed * (uint)(keyed >> 32);
        }
    }

    private static void Scramble(Span<ulong> lanes, ReadOnlySpan<byte> secret)
    {
        for (var i = 0; i < Lanes; i++)
            lanes[i] = (lanes[i] ^ (lanes[i] >> 47) ^ Word(secret, i * sizeof(ulong))) * Prime32A;
    }

    private static ulong Mix16(ReadOnlySpan<byte> source, ReadOnlySpan<byte> secret, ulong seed) =>
        Fold(Word(source, 0) ^ (Word(secret, 0) + seed), Word(source, 8) ^ (Word(secret, 8) - seed));

    // Both halves of the 128-bit product.
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private static ulong Avalanche(ulong hash)
    {
        hash = (hash ^ (hash >> 37)) * PrimeMixA;
        return hash ^ (hash >> 32);
    }

    // The final mix of XXH64, which the shortest inputs use.
    private static ulong Avalanche64(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * Prime64B;
        hash = (hash ^ (hash >> 29)) * Prime64C;
        return hash ^ (hash >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint HalfWord(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
