using System.Globalization;
using System.Security.Cryptography;

namespace NearbyFriends.Core;

/// <summary>A user's id: a positive 63-bit number, a decimal string outside of our own programs.</summary>
public static class UserId
{
    /// <summary>A new id. Random rather than counted, so that nobody finds users by counting; unique by the primary key.</summary>
    public static long New()
    {
        Span<byte> bytes = stackalloc byte[8];
        while (true)
        {
            RandomNumberGenerator.Fill(bytes);
            var id = BitConverter.ToInt64(bytes) & long.MaxValue;
            if (id != 0)
            {
                return id;
            }
        }
    }

    /// <summary>The id that <paramref name="text"/> writes in decimal digits; null when it writes none.</summary>
    public static long? Parse(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;

    /// <summary>As PROTOCOL writes it.</summary>
    public static string Format(long id) => id.ToString(CultureInfo.InvariantCulture);
}
