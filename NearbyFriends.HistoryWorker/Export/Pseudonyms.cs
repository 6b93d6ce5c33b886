using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace NearbyFriends.HistoryWorker.Export;

/// <summary>How users are named in an export.</summary>
/// <remarks>
/// By default a user is named by the first 96 bits of an HMAC-SHA-256 of its id, 16 characters of base64url, under a
/// key that is made for this export and discarded after it: within one export a user can be followed, two exports
/// cannot be joined, and the id cannot be recovered. It remains personal data: the place where a user sleeps identifies the user.
/// </remarks>
public sealed class Pseudonyms
{
    private const int PseudonymBytes = 12;

    private readonly byte[]? _key;
    private long _lastUser;
    private string _lastName = "";

    private Pseudonyms(byte[]? key) => _key = key;

    /// <summary>Names that mean nothing outside of this export.</summary>
    public static Pseudonyms Fresh() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>The ids themselves, in decimal digits.</summary>
    public static Pseudonyms None { get; } = new(null);

    /// <summary>The user's name in the export.</summary>
    public string Of(long user)
    {
        if (user != _lastUser)
        {
            _lastUser = user;
            _lastName = _key is null ? user.ToString(CultureInfo.InvariantCulture) : Hash(user);
        }

        return _lastName;
    }

    private string Hash(long user)
    {
        Span<byte> id = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(id, user);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key!, id, hash);
        return Base64Url.EncodeToString(hash[..PseudonymBytes]);
    }
}
