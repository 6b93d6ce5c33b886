using System.Buffers.Binary;
using System.Buffers.Text;

namespace NearbyFriends.Api.Paging;

/// <summary>Where the next page of a list by id begins: behind this id. Opaque to clients.</summary>
/// <remarks>
/// Lists by id need no snapshot: what is added or removed between two pages does not move the rest, so nobody is
/// listed twice and nobody who was there all along is missed.
/// </remarks>
public readonly record struct Cursor(long After)
{
    /// <summary>11 characters of base64url.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, After);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out Cursor cursor)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        if (!Base64Url.IsValid(text, out var length) || length != bytes.Length || !Base64Url.TryDecodeFromChars(text, bytes, out _))
        {
            cursor = default;
            return false;
        }

        cursor = new(BinaryPrimitives.ReadInt64BigEndian(bytes));
        return true;
    }
}
