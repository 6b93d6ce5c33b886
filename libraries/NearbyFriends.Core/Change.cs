namespace NearbyFriends.Core;

/// <summary>What changed about a user; the numbers are those of the journal's rows.</summary>
public enum ChangeKind : short
{
    /// <summary>The user shares its location from now on.</summary>
    SharingStarted = 1,

    /// <summary>The user does not share its location any more.</summary>
    SharingEnded = 2,

    /// <summary>The user has a new friend.</summary>
    FriendAdded = 3,

    /// <summary>The user ended a friendship, or blocked a friend.</summary>
    FriendRemoved = 4,

    /// <summary>A friend ended the friendship with the user, or blocked the user.</summary>
    RemovedByFriend = 5,

    /// <summary>The user has another display name.</summary>
    Renamed = 6,

    /// <summary>An operator locked the account.</summary>
    Locked = 7,

    /// <summary>The user deleted the account.</summary>
    Deleted = 8,

    /// <summary>The user continues to share its location, until another time or without an end.</summary>
    SharingEndChanged = 10,

    /// <summary>The user shows a friend more or less of its location.</summary>
    ShowsChanged = 11,

    /// <summary>A friend shows the user more or less of its location.</summary>
    SeesChanged = 12,

    /// <summary>The user sees strangers nearby, and is seen by them, from now on.</summary>
    StrangersStarted = 20,

    /// <summary>The user neither sees strangers nor is seen by them any more.</summary>
    StrangersEnded = 21,

    /// <summary>The user blocked another, or was blocked: neither sees the other, and nobody is told which it was.</summary>
    Blocked = 22,

    /// <summary>Another asks the user to be friends.</summary>
    RequestReceived = 30,

    /// <summary>The user asks another to be friends.</summary>
    RequestSent = 31,

    /// <summary>What another asked the user was declined, cancelled, or ended by a block.</summary>
    ReceivedRequestClosed = 32,

    /// <summary>What the user asked another was declined, cancelled, or ended by a block; the user is not told which.</summary>
    SentRequestClosed = 33,

    /// <summary>The user wants to be told of other friends, or at other distances, than before.</summary>
    AlertsChanged = 34,
}

/// <summary>A change of a user that gateways must learn of: one row of the journal.</summary>
/// <param name="UserId">Whose change it is.</param>
/// <param name="Kind">What changed.</param>
/// <param name="Version">
/// After the change: the user's friends version for <see cref="ChangeKind.FriendAdded"/>, <see cref="ChangeKind.FriendRemoved"/>,
/// <see cref="ChangeKind.RemovedByFriend"/>, <see cref="ChangeKind.Renamed"/>, <see cref="ChangeKind.ShowsChanged"/>,
/// <see cref="ChangeKind.SeesChanged"/>, <see cref="ChangeKind.Blocked"/>, <see cref="ChangeKind.AlertsChanged"/> and friend requests; its strangers version for
/// <see cref="ChangeKind.StrangersStarted"/> and <see cref="ChangeKind.StrangersEnded"/>; else its sharing version.
/// </param>
/// <param name="OtherId">The other user of a friendship, request or block; 0 where there is none.</param>
/// <param name="ChangedAt">By the clock of the database.</param>
/// <param name="Detail">
/// Of <see cref="ChangeKind.SharingStarted"/> and <see cref="ChangeKind.SharingEndChanged"/>: Unix milliseconds at which sharing
/// ends, 0 for no end. Of <see cref="ChangeKind.ShowsChanged"/> and <see cref="ChangeKind.SeesChanged"/>:
/// <see cref="FriendVisibility.Packed"/>. Else 0.
/// </param>
public readonly record struct Change(long UserId, ChangeKind Kind, long Version, long OtherId, DateTimeOffset ChangedAt, long Detail = 0)
{
    /// <summary>Whether no location of this sharing version, or of an earlier one, may be shown from now on.</summary>
    public bool Hides => Kind is ChangeKind.SharingEnded or ChangeKind.Locked or ChangeKind.Deleted;
}
