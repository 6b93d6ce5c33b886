using System.Buffers.Binary;

namespace NearbyFriends.Core.Geo;

/// <summary>
/// What leaves the ingress of a user whom strangers may see: the square that the user is in, never the place; or the word that
/// nothing may be shown any more.
/// </summary>
/// <param name="UserId">The user.</param>
/// <param name="SharingVersion">The user's sharing version: one of two consents under which it is shown.</param>
/// <param name="StrangersVersion">The user's strangers version: the other.</param>
/// <param name="Square">The centre of the user's square, and when the user was there; time 0 where nothing is shown.</param>
/// <param name="SharingUntil">Unix milliseconds at which sharing ends; 0 for no end.</param>
public readonly record struct StrangerLocation(long UserId, long SharingVersion, long StrangersVersion, Location Square, long SharingUntil = 0)
{
    /// <summary>Size of the encoded form.</summary>
    public const int Bytes = 40;

    /// <summary>Whether nothing of these versions, or of earlier ones, may be shown.</summary>
    public bool IsHidden => Square.Time == 0;

    /// <summary>The word that a user hides: nothing of these versions or before is shown. 0 where one of the consents did not change.</summary>
    public static StrangerLocation Hidden(long userId, long sharingVersion, long strangersVersion) => new(userId, sharingVersion, strangersVersion, default);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static StrangerLocation Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64LittleEndian(from),
        BinaryPrimitives.ReadUInt32LittleEndian(from[24..]),
        BinaryPrimitives.ReadUInt32LittleEndian(from[28..]),
        new Location(
            BinaryPrimitives.ReadInt32LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[8..])),
        BinaryPrimitives.ReadInt64LittleEndian(from[32..]));

    /// <summary>
    /// Writes <see cref="Bytes"/> bytes, little endian: user(8) time(8) latitudeE7(4) longitudeE7(4) sharing(4) strangers(4) until(8).
    /// </summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, UserId);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], Square.Time);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], Square.LatitudeE7);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], Square.LongitudeE7);
        BinaryPrimitives.WriteUInt32LittleEndian(to[24..], checked((uint)SharingVersion));
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], checked((uint)StrangersVersion));
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], SharingUntil);
    }
}
