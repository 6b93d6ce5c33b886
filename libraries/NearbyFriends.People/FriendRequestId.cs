using System.Buffers.Binary;
using System.Buffers.Text;

namespace NearbyFriends.People;

/// <summary>
/// Names a friend request by the two who it is between: the request is found on the addressee's shard without an index
/// over all shards. Opaque to clients.
/// </summary>
public readonly record struct FriendRequestId(long Addressee, long Requester)
{
    private const int Bytes = 16;

    /// <summary>22 characters of base64url.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Addressee);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Requester);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The id that <paramref name="text"/> writes; null when it writes none.</summary>
    public static FriendRequestId? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        return Base64Url.IsValid(text, out var length) && length == Bytes && Base64Url.TryDecodeFromChars(text, bytes, out _)
            ? new(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]))
            : null;
    }
}
