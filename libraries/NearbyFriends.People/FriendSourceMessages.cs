using System.Text.Json;
using NearbyFriends.Core;

namespace NearbyFriends.People;

/// <summary>A user with all friends, as the friend source's API sends it.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether the user shares its location.</param>
/// <param name="Locked">Whether an operator locked the account.</param>
/// <param name="SharingVersion">Rises with every switch of sharing.</param>
/// <param name="SharingSince">Unix milliseconds at which it began to share again; 0 when it has shared since its registration.</param>
/// <param name="FriendsVersion">Rises by one with every change of a friend or of the name.</param>
/// <param name="Friends">Ids of all friends, ascending by number.</param>
/// <param name="StrangersVersion">Rises with every switch of the consent to be seen by strangers; 0 while there is none.</param>
public sealed record FriendSourceUser(
    string Id, string DisplayName, bool Sharing, bool Locked, long SharingVersion, long SharingSince, long FriendsVersion, IReadOnlyList<string> Friends,
    long StrangersVersion = 0)
{
    public static FriendSourceUser Of(UserFriends user) => new(
        UserId.Format(user.Id), user.DisplayName, user.Sharing.IsOn, user.Locked, user.Sharing.Version, user.Sharing.Since, user.FriendsVersion,
        Array.ConvertAll(user.Friends, UserId.Format), user.Sharing.StrangersVersion);

    public UserFriends ToUserFriends() => new(
        UserId.Parse(Id)!.Value, DisplayName, new(Sharing, SharingVersion, SharingSince, StrangersVersion), Locked, FriendsVersion,
        [.. Friends.Select(id => UserId.Parse(id)!.Value)]);
}

/// <summary>Asks whom a token's subject stands for.</summary>
/// <param name="Subject">As in the token.</param>
public sealed record FriendSourceSubject(string Subject);

/// <summary>A user.</summary>
/// <param name="Id">A decimal string.</param>
public sealed record FriendSourceId(string Id);

/// <summary>Asks about users.</summary>
/// <param name="Ids">Up to 5,000 decimal strings.</param>
public sealed record FriendSourceIds(IReadOnlyList<string> Ids)
{
    public const int Max = 5_000;

    public static FriendSourceIds Of(IReadOnlyCollection<long> ids) => new([.. ids.Select(UserId.Format)]);
}

/// <summary>The name of a user.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="DisplayName">As friends see it.</param>
public sealed record FriendSourceName(string Id, string DisplayName);

/// <summary>Whether a user shares its location.</summary>
/// <param name="Sharing">Whether it does now.</param>
/// <param name="SharingVersion">Rises with every switch of sharing.</param>
/// <param name="SharingSince">Unix milliseconds at which it began to share again; 0 when it has shared since its registration.</param>
/// <param name="StrangersVersion">Rises with every switch of the consent to be seen by strangers; 0 while there is none.</param>
public sealed record FriendSourceSharing(bool Sharing, long SharingVersion, long SharingSince, long StrangersVersion = 0)
{
    public static FriendSourceSharing Of(UserSharing sharing) => new(sharing.IsOn, sharing.Version, sharing.Since, sharing.StrangersVersion);

    public UserSharing ToUserSharing() => new(Sharing, SharingVersion, SharingSince, StrangersVersion);
}

/// <summary>A change of a user that gateways must learn of.</summary>
/// <param name="UserId">A decimal string.</param>
/// <param name="Kind">
/// <c>sharingStarted</c>, <c>sharingEnded</c>, <c>friendAdded</c>, <c>friendRemoved</c> (by the user), <c>removedByFriend</c>,
/// <c>renamed</c>, <c>locked</c>, <c>deleted</c>, <c>strangersStarted</c>, <c>strangersEnded</c> or <c>blocked</c> (of both users
/// of a block). Others are ignored.
/// </param>
/// <param name="Version">
/// After the change: the friends version for a friend, a name or a block, the strangers version for strangers, else the sharing version.
/// </param>
/// <param name="OtherId">The other user of a friendship or block, a decimal string; null where there is none.</param>
/// <param name="ChangedAt">When, by the one clock of the source.</param>
public sealed record FriendSourceChange(string UserId, string Kind, long Version, string? OtherId, DateTimeOffset ChangedAt)
{
    public static FriendSourceChange Of(Change change) => new(
        Core.UserId.Format(change.UserId), JsonNamingPolicy.CamelCase.ConvertName(change.Kind.ToString()), change.Version,
        change.OtherId == 0 ? null : Core.UserId.Format(change.OtherId), change.ChangedAt);

    /// <summary>Null when the kind is not known.</summary>
    public Change? ToChange() => Enum.TryParse<ChangeKind>(Kind, ignoreCase: true, out var kind)
        ? new(Core.UserId.Parse(UserId)!.Value, kind, Version, Core.UserId.Parse(OtherId) ?? 0, ChangedAt)
        : null;
}

/// <summary>The end of the journal.</summary>
/// <param name="Changes">Of one user in the order of its versions; some may have been read before, none is left out.</param>
/// <param name="Cursor">Opaque; the next question begins with it. Null while there was no change at all.</param>
public sealed record FriendSourceChanges(IReadOnlyList<FriendSourceChange> Changes, string? Cursor)
{
    public static FriendSourceChanges Of(JournalTail tail) => new([.. tail.Changes.Select(FriendSourceChange.Of)], tail.Cursor);

    public JournalTail ToJournalTail() => new([.. Changes.Select(change => change.ToChange()).OfType<Change>()], Cursor);
}
