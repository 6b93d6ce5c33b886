using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>
/// Names a user in logs and traces without telling who it is: the same user has the same name in every service, and
/// nobody without the key can find the id, though ids are few enough to try them all.
/// </summary>
public sealed class UserIdHash(IOptions<TelemetryOptions> telemetry, IOptions<AuthOptions> auth)
{
    private const int HashBytes = 8;
    private const int KeyBytes = 32;

    private readonly byte[] _key = Key(telemetry.Value.HashKey, auth.Value.SigningKey);

    /// <summary>The user's name in telemetry: 16 hexadecimal digits; costs about a microsecond.</summary>
    public string Of(long userId)
    {
        Span<byte> id = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(id, userId);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, id, hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }

    // Derived, so that the names say nothing about the key that signs tokens (RFC 5869).
    private static byte[] Key(string? hashKey, string? signingKey) =>
        (hashKey ?? signingKey) is { } secret
            ? HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), KeyBytes, info: "nearbyfriends user names"u8.ToArray())
            : RandomNumberGenerator.GetBytes(KeyBytes);
}
