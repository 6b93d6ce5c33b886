using System.Security.Cryptography;
using System.Text;

namespace NearbyFriends.ServiceDefaults.Authentication;

/// <summary>Keys of one purpose, which say nothing about the secret that they come from (RFC 5869), nor about each other.</summary>
public static class DerivedKey
{
    private const int KeyBytes = 32;

    /// <summary>The same key in every process that has the same secret; without any secret, random.</summary>
    /// <param name="own">The secret that is configured for the purpose.</param>
    /// <param name="signingKey">What signs tokens, used where there is no secret of its own.</param>
    /// <param name="purpose">Names the purpose.</param>
    public static byte[] Of(string? own, string? signingKey, ReadOnlySpan<byte> purpose) =>
        (own ?? signingKey) is { } secret
            ? HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), KeyBytes, info: purpose.ToArray())
            : RandomNumberGenerator.GetBytes(KeyBytes);
}
