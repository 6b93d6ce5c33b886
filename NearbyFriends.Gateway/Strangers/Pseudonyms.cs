using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>
/// The ids under which a viewer knows strangers. The same stranger has the same one all day for the same viewer; another viewer or
/// another day has another, and without the key nobody can tell that they are of one user.
/// </summary>
public sealed class Pseudonyms(IOptions<StrangerOptions> options, IOptions<AuthOptions> auth)
{
    private readonly byte[] _key = DerivedKey.Of(options.Value.PseudonymKey, auth.Value.SigningKey, "nearbyfriends strangers"u8);

    /// <summary>The day of a time: a number that changes at midnight UTC.</summary>
    public static long DayOf(long unixMilliseconds) => unixMilliseconds / (24 * 60 * 60 * 1000);

    /// <summary>The pseudonym, positive and of 63 bits like any id; costs about a microsecond.</summary>
    public long Of(long strangerId, long viewerId, long day)
    {
        Span<byte> named = stackalloc byte[3 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(named, strangerId);
        BinaryPrimitives.WriteInt64BigEndian(named[8..], viewerId);
        BinaryPrimitives.WriteInt64BigEndian(named[16..], day);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, named, hash);
        return Math.Max(1, BinaryPrimitives.ReadInt64BigEndian(hash) & long.MaxValue);
    }
}
