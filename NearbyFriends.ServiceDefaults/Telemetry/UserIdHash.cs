using System.Buffers.Binary;
using System.Security.Cryptography;
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

    private readonly byte[] _key = DerivedKey.Of(telemetry.Value.HashKey, auth.Value.SigningKey, "nearbyfriends user names"u8);

    /// <summary>The user's name in telemetry: 16 hexadecimal digits; costs about a microsecond.</summary>
    public string Of(long userId)
    {
        Span<byte> id = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(id, userId);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, id, hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
