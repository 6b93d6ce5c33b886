using System.Security.Cryptography;
using System.Text;

namespace NearbyFriends.People;

/// <summary>The password of one device: random, shown once, and kept as a hash.</summary>
public static class DevicePassword
{
    /// <summary>The longest text that is taken for one.</summary>
    public const int MaxLength = 64;

    private const string Letters = "23456789abcdefghjkmnpqrstuvwxyz"; // none that looks like another
    private const int Groups = 5;
    private const int LettersOfGroup = 5;

    /// <summary>A new password: five groups of five letters and digits, 124 bits, to be typed on a phone.</summary>
    public static string New() =>
        string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Letters, LettersOfGroup)));

    /// <summary>What is kept of a password.</summary>
    public static byte[] Hash(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));
}
