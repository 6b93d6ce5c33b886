using NearbyFriends.Core.Geo;


namespace NearbyFriends.Fanout.Frames;

/// <summary>What an entry of a frame says.</summary>
public enum FrameEntryKind : byte
{
    /// <summary>The user moved: <see cref="FrameEntry.Location"/>.</summary>
    Location = 1,

    /// <summary>The user became a friend of <see cref="FrameEntry.Other"/>.</summary>
    FriendAdded = 2,

    /// <summary>The user is no longer a friend of <see cref="FrameEntry.Other"/> (also: blocked).</summary>
    FriendRemoved = 3,

    /// <summary>The user switched sharing: <see cref="FrameEntry.Flag"/>.</summary>
    Sharing = 4,

    /// <summary>The user was deleted or locked.</summary>
    UserDeleted = 5,

    /// <summary>The user's display name changed.</summary>
    ProfileChanged = 6,
}

/// <summary>One entry of a frame: an update or a control entry about one user, published on that user's channel.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="UserId">The user it is about; decides the channel.</param>
/// <param name="Version">
/// The user's sharing version (<see cref="FrameEntryKind.Location"/>, <see cref="FrameEntryKind.Sharing"/>,
/// <see cref="FrameEntryKind.UserDeleted"/>) or friends version (the others) when it was published.
/// </param>
/// <param name="Location">Of a <see cref="FrameEntryKind.Location"/> entry.</param>
/// <param name="Other">The other user of a friendship.</param>
/// <param name="Flag">
/// Of a <see cref="FrameEntryKind.Sharing"/> entry: whether the user shares now. Of a
/// <see cref="FrameEntryKind.FriendRemoved"/> entry: whether this user was the remover, whose devices are told.
/// </param>
/// <param name="ReceivedAt">Unix microseconds UTC at which the update reached the first server; 0 when not measured.</param>
public readonly record struct FrameEntry(
    FrameEntryKind Kind, long UserId, long Version, Location Location = default, long Other = 0, bool Flag = false, long ReceivedAt = 0)
{
    public static FrameEntry Moved(long userId, long sharingVersion, Location location, long receivedAt) =>
        new(FrameEntryKind.Location, userId, sharingVersion, location, ReceivedAt: receivedAt);

    public static FrameEntry FriendAdded(long userId, long friendsVersion, long friend) =>
        new(FrameEntryKind.FriendAdded, userId, friendsVersion, Other: friend);

    public static FrameEntry FriendRemoved(long userId, long friendsVersion, long friend, bool byThisUser) =>
        new(FrameEntryKind.FriendRemoved, userId, friendsVersion, Other: friend, Flag: byThisUser);

    public static FrameEntry SharingChanged(long userId, long sharingVersion, bool sharing) =>
        new(FrameEntryKind.Sharing, userId, sharingVersion, Flag: sharing);

    public static FrameEntry UserDeleted(long userId, long sharingVersion) => new(FrameEntryKind.UserDeleted, userId, sharingVersion);

    public static FrameEntry ProfileChanged(long userId, long friendsVersion) => new(FrameEntryKind.ProfileChanged, userId, friendsVersion);
}
