using NearbyFriends.Core;
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

    /// <summary>The user was deleted.</summary>
    UserDeleted = 5,

    /// <summary>The user's display name changed.</summary>
    ProfileChanged = 6,

    /// <summary>An operator locked the user.</summary>
    UserLocked = 7,

    /// <summary>The user shows <see cref="FrameEntry.Other"/> more or less of its location, or is shown it.</summary>
    Visibility = 10,

    /// <summary>The user switched being seen by strangers: <see cref="FrameEntry.Flag"/>.</summary>
    Strangers = 20,

    /// <summary>The user and <see cref="FrameEntry.Other"/> do not see each other: one blocked the other.</summary>
    Blocked = 21,

    /// <summary>The user and <see cref="FrameEntry.Other"/>: one asks the other to be friends.</summary>
    FriendRequest = 30,

    /// <summary>The user and <see cref="FrameEntry.Other"/>: what one asked the other is asked no more, and they are no friends.</summary>
    FriendRequestClosed = 31,

    /// <summary>The user wants to be told of other friends, or at other distances.</summary>
    AlertsChanged = 32,

    /// <summary>The user is to be told that <see cref="FrameEntry.Other"/> came near: <see cref="FrameEntry.ToAlert"/>. No change.</summary>
    Alert = 33,
}

/// <summary>One entry of a frame: an update or a control entry about one user, published on that user's channel.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="UserId">The user it is about; decides the channel.</param>
/// <param name="Version">
/// The user's sharing version (<see cref="FrameEntryKind.Location"/>, <see cref="FrameEntryKind.Sharing"/>,
/// <see cref="FrameEntryKind.UserDeleted"/>, <see cref="FrameEntryKind.UserLocked"/>), strangers version
/// (<see cref="FrameEntryKind.Strangers"/>) or friends version (the others) when it was published.
/// </param>
/// <param name="Location">Of a <see cref="FrameEntryKind.Location"/> entry.</param>
/// <param name="Other">
/// The other user of a friendship, request or block. Of a <see cref="FrameEntryKind.Sharing"/> entry: Unix milliseconds at which sharing began; 0 when it
/// ended, or continues with another end.
/// </param>
/// <param name="Flag">
/// Of a <see cref="FrameEntryKind.Sharing"/> entry: whether the user shares now. Of a
/// <see cref="FrameEntryKind.FriendRemoved"/> entry: whether this user was the remover, whose devices are told. Of a
/// <see cref="FrameEntryKind.Visibility"/> entry: whether this user is the one who shows. Of a
/// <see cref="FrameEntryKind.Strangers"/> entry: whether strangers see the user now. Of a
/// <see cref="FrameEntryKind.FriendRequest"/> or <see cref="FrameEntryKind.FriendRequestClosed"/> entry: whether this user asked.
/// </param>
/// <param name="ReceivedAt">Unix microseconds UTC at which the update reached the first server; 0 when not measured.</param>
/// <param name="Accuracy">Of a <see cref="FrameEntryKind.Location"/> entry.</param>
/// <param name="Detail">Of any other: <see cref="Change.Detail"/>; 0 where gateways of the version before send none.</param>
public readonly record struct FrameEntry(
    FrameEntryKind Kind, long UserId, long Version, Location Location = default, long Other = 0, bool Flag = false, long ReceivedAt = 0,
    Accuracy Accuracy = default, long Detail = 0)
{
    private const int DistanceBits = 20;
    private const long MaxDecimetres = (1 << DistanceBits) - 1;

    public static FrameEntry Moved(long userId, long sharingVersion, Location location, long receivedAt, Accuracy accuracy = default) =>
        new(FrameEntryKind.Location, userId, sharingVersion, location, ReceivedAt: receivedAt, Accuracy: accuracy);

    /// <summary>The entry that has an alert shown in the user's sessions, wherever they are.</summary>
    public static FrameEntry Alerted(in Alert alert) => new(
        FrameEntryKind.Alert, alert.UserId, Version: 0, Other: alert.FriendId,
        Detail: (alert.Time << DistanceBits) | (long)Math.Clamp(Math.Round(alert.DistanceMetres * 10), 0, MaxDecimetres));

    /// <summary>The alert of a <see cref="FrameEntryKind.Alert"/> entry.</summary>
    public Alert ToAlert() => new(UserId, Other, (Detail & MaxDecimetres) / 10.0, Detail >> DistanceBits);

    /// <summary>The control entry that announces a change.</summary>
    public static FrameEntry Of(in Change change) => change.Kind switch
    {
        ChangeKind.SharingStarted => new(
            FrameEntryKind.Sharing, change.UserId, change.Version, Other: change.ChangedAt.ToUnixTimeMilliseconds(), Flag: true,
            Detail: change.Detail),
        ChangeKind.SharingEndChanged => new(FrameEntryKind.Sharing, change.UserId, change.Version, Flag: true, Detail: change.Detail),
        ChangeKind.SharingEnded => new(FrameEntryKind.Sharing, change.UserId, change.Version),
        ChangeKind.FriendAdded => new(FrameEntryKind.FriendAdded, change.UserId, change.Version, Other: change.OtherId),
        ChangeKind.FriendRemoved => new(FrameEntryKind.FriendRemoved, change.UserId, change.Version, Other: change.OtherId, Flag: true),
        ChangeKind.RemovedByFriend => new(FrameEntryKind.FriendRemoved, change.UserId, change.Version, Other: change.OtherId),
        ChangeKind.Renamed => new(FrameEntryKind.ProfileChanged, change.UserId, change.Version),
        ChangeKind.Locked => new(FrameEntryKind.UserLocked, change.UserId, change.Version),
        ChangeKind.Deleted => new(FrameEntryKind.UserDeleted, change.UserId, change.Version),
        ChangeKind.ShowsChanged => new(
            FrameEntryKind.Visibility, change.UserId, change.Version, Other: change.OtherId, Flag: true, Detail: change.Detail),
        ChangeKind.SeesChanged => new(FrameEntryKind.Visibility, change.UserId, change.Version, Other: change.OtherId, Detail: change.Detail),
        ChangeKind.StrangersStarted => new(FrameEntryKind.Strangers, change.UserId, change.Version, Flag: true),
        ChangeKind.StrangersEnded => new(FrameEntryKind.Strangers, change.UserId, change.Version),
        ChangeKind.Blocked => new(FrameEntryKind.Blocked, change.UserId, change.Version, Other: change.OtherId),
        ChangeKind.RequestReceived => new(FrameEntryKind.FriendRequest, change.UserId, change.Version, Other: change.OtherId),
        ChangeKind.RequestSent => new(FrameEntryKind.FriendRequest, change.UserId, change.Version, Other: change.OtherId, Flag: true),
        ChangeKind.ReceivedRequestClosed => new(FrameEntryKind.FriendRequestClosed, change.UserId, change.Version, Other: change.OtherId),
        ChangeKind.SentRequestClosed => new(
            FrameEntryKind.FriendRequestClosed, change.UserId, change.Version, Other: change.OtherId, Flag: true),
        ChangeKind.AlertsChanged => new(FrameEntryKind.AlertsChanged, change.UserId, change.Version),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change.Kind, "No entry announces a change of this kind."),
    };

    /// <summary>The change that a control entry announces; null for a location, for kinds of a newer version, and for what cannot be.</summary>
    public Change? ToChange() => (Kind, Flag) switch
    {
        (FrameEntryKind.Sharing, true) when Other is < 0 or > UnixTime.Last => null,
        (FrameEntryKind.Sharing, true) when Other == 0 => new(UserId, ChangeKind.SharingEndChanged, Version, 0, default, Detail),
        (FrameEntryKind.Sharing, true) => new(
            UserId, ChangeKind.SharingStarted, Version, 0, DateTimeOffset.FromUnixTimeMilliseconds(Other), Detail),
        (FrameEntryKind.Sharing, false) => new(UserId, ChangeKind.SharingEnded, Version, 0, default),
        (FrameEntryKind.FriendAdded, _) => new(UserId, ChangeKind.FriendAdded, Version, Other, default),
        (FrameEntryKind.FriendRemoved, true) => new(UserId, ChangeKind.FriendRemoved, Version, Other, default),
        (FrameEntryKind.FriendRemoved, false) => new(UserId, ChangeKind.RemovedByFriend, Version, Other, default),
        (FrameEntryKind.ProfileChanged, _) => new(UserId, ChangeKind.Renamed, Version, 0, default),
        (FrameEntryKind.UserLocked, _) => new(UserId, ChangeKind.Locked, Version, 0, default),
        (FrameEntryKind.Visibility, true) => new(UserId, ChangeKind.ShowsChanged, Version, Other, default, Detail),
        (FrameEntryKind.Visibility, false) => new(UserId, ChangeKind.SeesChanged, Version, Other, default, Detail),
        (FrameEntryKind.UserDeleted, _) => new(UserId, ChangeKind.Deleted, Version, 0, default),
        (FrameEntryKind.Strangers, _) => new(UserId, Flag ? ChangeKind.StrangersStarted : ChangeKind.StrangersEnded, Version, 0, default),
        (FrameEntryKind.Blocked, _) => new(UserId, ChangeKind.Blocked, Version, Other, default),
        (FrameEntryKind.FriendRequest, _) => new(
            UserId, Flag ? ChangeKind.RequestSent : ChangeKind.RequestReceived, Version, Other, default),
        (FrameEntryKind.FriendRequestClosed, _) => new(
            UserId, Flag ? ChangeKind.SentRequestClosed : ChangeKind.ReceivedRequestClosed, Version, Other, default),
        (FrameEntryKind.AlertsChanged, _) => new(UserId, ChangeKind.AlertsChanged, Version, 0, default),
        _ => null,
    };
}
