using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using NearbyFriends.ServiceDefaults.Authentication;

namespace NearbyFriends.Api.Notices;

/// <summary>The key pair by which push services know this sender (VAPID, RFC 8292).</summary>
/// <param name="Public">An uncompressed point of P-256, base64url.</param>
/// <param name="Private">32 bytes, base64url.</param>
public sealed record PushKeyPair(string Public, string Private);

/// <summary>The keys of Web Push: those that are configured; in Development, the same for every process and every start without any.</summary>
public sealed class PushKeys(IOptions<NoticeOptions> options, IOptions<AuthOptions> auth, IHostEnvironment environment)
{
    private const int KeyBytes = 32;
    private const byte Uncompressed = 4;

    /// <summary>Null where Web Push is not configured.</summary>
    public PushKeyPair? Pair { get; } = Choose(options.Value, auth.Value, environment);

    /// <summary>Whether the two are a key pair.</summary>
    public static bool IsPair(string publicKey, string privateKey) =>
        Base64Url.IsValid(privateKey, out var length) && length == KeyBytes && Derive(Base64Url.DecodeFromChars(privateKey))?.Public == publicKey;

    /// <summary>Whether this is a public key of a browser: a point of P-256.</summary>
    public static bool IsPoint(string publicKey)
    {
        if (!Base64Url.IsValid(publicKey, out var length) || length != 1 + (2 * KeyBytes))
        {
            return false;
        }

        var point = Base64Url.DecodeFromChars(publicKey);
        if (point[0] != Uncompressed)
        {
            return false;
        }

        try
        {
            using var key = ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new() { X = point[1..(1 + KeyBytes)], Y = point[(1 + KeyBytes)..] },
            });
            return true;
        }
        catch (CryptographicException)
        {
            return false; // not on the curve
        }
    }

    private static PushKeyPair? Choose(NoticeOptions options, AuthOptions auth, IHostEnvironment environment) =>
        options.PushPublicKey is { Length: > 0 } configured ? new(configured, options.PushPrivateKey!)
        : environment.IsDevelopment() && !string.IsNullOrEmpty(auth.SigningKey) ? Derive(DerivedKey.Of(null, auth.SigningKey, "web push"u8))
        : null;

    /// <summary>The pair of a private key; null if it is none.</summary>
    private static PushKeyPair? Derive(byte[] privateKey)
    {
        try
        {
            using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = privateKey });
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return new(Base64Url.EncodeToString([Uncompressed, .. point.X!, .. point.Y!]), Base64Url.EncodeToString(privateKey));
        }
        catch (CryptographicException)
        {
            return null; // 0, or not below the order of the curve: 1 of 2^32 random numbers
        }
    }
}
