using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace NearbyFriends.IntegrationTests.Alerts;

/// <summary>What a browser does with a push message: RFC 8291 over RFC 8188 (<c>aes128gcm</c>), one record.</summary>
internal static class PushDecryption
{
    private const int SaltBytes = 16;
    private const int KeyBytes = 32;
    private const int TagBytes = 16;

    public static string Decrypt(ReadOnlySpan<byte> body, ECDiffieHellman browser, byte[] auth)
    {
        var salt = body[..SaltBytes].ToArray();
        var recordBytes = BinaryPrimitives.ReadInt32BigEndian(body[SaltBytes..]);
        var sender = body.Slice(SaltBytes + 5, body[SaltBytes + 4]).ToArray();
        var record = body[(SaltBytes + 5 + sender.Length)..];
        Assert.True(record.Length <= recordBytes, "there is one record");

        using var senderKey = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = sender[1..(1 + KeyBytes)], Y = sender[(1 + KeyBytes)..] },
        });
        var shared = browser.DeriveRawSecretAgreement(senderKey.PublicKey);
        byte[] keyInfo = [.. "WebPush: info\0"u8, .. PublicKeyOf(browser), .. sender];
        var secret = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, KeyBytes, auth, keyInfo);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 12, salt, "Content-Encoding: nonce\0"u8.ToArray());

        var plain = new byte[record.Length - TagBytes];
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Decrypt(nonce, record[..^TagBytes], record[^TagBytes..], plain);
        var end = Array.FindLastIndex(plain, octet => octet != 0);
        Assert.Equal(2, plain[end]); // the delimiter of the last record
        return Encoding.UTF8.GetString(plain, 0, end);
    }

    /// <summary>65 bytes: an uncompressed point.</summary>
    public static byte[] PublicKeyOf(ECDiffieHellman key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. point.X!, .. point.Y!];
    }
}
