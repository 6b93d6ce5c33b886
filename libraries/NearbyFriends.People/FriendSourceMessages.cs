using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;
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
/// <param name="SharingUntil">Unix milliseconds at which it ends by itself; absent without an end.</param>
/// <param name="Sees">What friends show the user, of those who do not simply show all; absent where nobody limits it.</param>
/// <param name="StrangersVersion">Rises with every switch of the consent to be seen by strangers; 0 while there is none.</param>
/// <param name="Alerts">Of which friends the user is told when they come near, <c>anyone</c> for all who are not named; absent where of none.</param>
public sealed record FriendSourceUser(
    string Id, string DisplayName, bool Sharing, bool Locked, long SharingVersion, long SharingSince, long FriendsVersion, IReadOnlyList<string> Friends,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? SharingUntil = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, FriendSourceVisibility>? Sees = null,
    long StrangersVersion = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, FriendSourceAlert>? Alerts = null)
{
    private const string Anyone = "anyone";

    public static FriendSourceUser Of(UserFriends user) => new(
        UserId.Format(user.Id), user.DisplayName, user.Sharing.IsOn, user.Locked, user.Sharing.Version, user.Sharing.Since, user.FriendsVersion,
        Array.ConvertAll(user.Friends, UserId.Format), user.Sharing.Until == 0 ? null : user.Sharing.Until,
        user.Sees.Count == 0 ? null : user.Sees.ToDictionary(friend => UserId.Format(friend.Key), friend => FriendSourceVisibility.Of(friend.Value)),
        user.Sharing.StrangersVersion,
        user.Alerts.Count == 0
            ? null
            : user.Alerts.ToDictionary(
                alert => alert.Key == AlertRule.Anyone ? Anyone : UserId.Format(alert.Key),
                alert => new FriendSourceAlert(alert.Value.WithinMetres, alert.Value.CooldownSeconds)));

    public UserFriends ToUserFriends() => new(
        UserId.Parse(Id)!.Value, DisplayName, new(Sharing, SharingVersion, SharingSince, SharingUntil ?? 0, StrangersVersion), Locked, FriendsVersion,
        [.. Friends.Select(id => UserId.Parse(id)!.Value)])
    {
        Sees = Sees is null
            ? ReadOnlyDictionary<long, FriendVisibility>.Empty
            : Sees.ToDictionary(friend => UserId.Parse(friend.Key)!.Value, friend => friend.Value.ToFriendVisibility()),
        Alerts = Alerts is null
            ? ReadOnlyDictionary<long, AlertRule>.Empty
            : Alerts.ToDictionary(
                alert => alert.Key == Anyone ? AlertRule.Anyone : UserId.Parse(alert.Key)!.Value,
                alert => new AlertRule(alert.Value.Within, alert.Value.Cooldown)),
    };
}

/// <summary>When a user is told that a friend comes near.</summary>
/// <param name="Within">Metres, 50 to 16,093.</param>
/// <param name="Cooldown">Seconds in which no second alert about the same friend follows.</param>
public sealed record FriendSourceAlert(int Within, int Cooldown);

/// <summary>How much of a location one friend sees.</summary>
/// <param name="Shows"><c>exact</c>, <c>approximate</c> or <c>nothing</c>; anything else counts as nothing.</param>
/// <param name="Until">Unix milliseconds at which that ends; absent without an end.</param>
/// <param name="Afterwards">What holds then, in the same words; absent without an end.</param>
public sealed record FriendSourceVisibility(
    string Shows,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Until = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Afterwards = null)
{
    public static FriendSourceVisibility Of(FriendVisibility visibility) => visibility.Until == 0
        ? new(Name(visibility.Shows))
        : new(Name(visibility.Shows), visibility.Until, Name(visibility.Afterwards));

    public FriendVisibility ToFriendVisibility() => Until is { } until ? new(Parse(Shows), until, Parse(Afterwards)) : new(Parse(Shows));

    private static string Name(Visibility visibility) => JsonNamingPolicy.CamelCase.ConvertName(visibility.ToString());

    private static Visibility Parse(string? name) => Enum.TryParse<Visibility>(name, ignoreCase: true, out var visibility) ? visibility : Visibility.Nothing;
}

/// <summary>Asks whom a token's subject stands for.</summary>
/// <param name="Subject">As in the token.</param>
public sealed record FriendSourceSubject(string Subject);

/// <summary>Asks whose device this is.</summary>
/// <param name="UserName">In any case.</param>
/// <param name="Password">The device's.</param>
public sealed record FriendSourceDevice(string UserName, string Password);

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
/// <param name="Sharing">Whether it does, until <paramref name="SharingUntil"/>.</param>
/// <param name="SharingVersion">Rises with every switch of sharing, and with every change of its end.</param>
/// <param name="SharingSince">Unix milliseconds at which it began to share again; 0 when it has shared since its registration.</param>
/// <param name="SharingUntil">Unix milliseconds at which it ends by itself; absent without an end.</param>
/// <param name="StrangersVersion">Rises with every switch of the consent to be seen by strangers; 0 while there is none.</param>
public sealed record FriendSourceSharing(
    bool Sharing, long SharingVersion, long SharingSince,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? SharingUntil = null,
    long StrangersVersion = 0)
{
    public static FriendSourceSharing Of(UserSharing sharing) =>
        new(sharing.IsOn, sharing.Version, sharing.Since, sharing.Until == 0 ? null : sharing.Until, sharing.StrangersVersion);

    public UserSharing ToUserSharing() => new(Sharing, SharingVersion, SharingSince, SharingUntil ?? 0, StrangersVersion);
}

/// <summary>A change of a user that gateways must learn of.</summary>
/// <param name="UserId">A decimal string.</param>
/// <param name="Kind">
/// <c>sharingStarted</c>, <c>sharingEnded</c>, <c>sharingEndChanged</c>, <c>friendAdded</c>, <c>friendRemoved</c> (by the user),
/// <c>removedByFriend</c>, <c>renamed</c>, <c>showsChanged</c> (by the user), <c>seesChanged</c> (by the friend), <c>locked</c>,
/// <c>deleted</c>, <c>strangersStarted</c>, <c>strangersEnded</c>, <c>blocked</c> (of both users of a block), <c>requestReceived</c>,
/// <c>requestSent</c>, <c>receivedRequestClosed</c> or <c>sentRequestClosed</c> (asked no more, and no friends), or <c>alertsChanged</c>.
/// Others are ignored.
/// </param>
/// <param name="Version">
/// After the change: the friends version for a friend, what it sees, a name, a block, a request or alerts, the strangers version for strangers, else the
/// sharing version.
/// </param>
/// <param name="OtherId">The other user of a friendship, request or block, a decimal string; null where there is none.</param>
/// <param name="ChangedAt">When, by the one clock of the source.</param>
/// <param name="SharingUntil">Of <c>sharingStarted</c> and <c>sharingEndChanged</c>: Unix milliseconds at which it ends; absent without an end.</param>
/// <param name="Visibility">Of <c>showsChanged</c> and <c>seesChanged</c>.</param>
public sealed record FriendSourceChange(
    string UserId, string Kind, long Version, string? OtherId, DateTimeOffset ChangedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? SharingUntil = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FriendSourceVisibility? Visibility = null)
{
    public static FriendSourceChange Of(Change change) => new(
        Core.UserId.Format(change.UserId), JsonNamingPolicy.CamelCase.ConvertName(change.Kind.ToString()), change.Version,
        change.OtherId == 0 ? null : Core.UserId.Format(change.OtherId), change.ChangedAt,
        IsOfVisibility(change.Kind) || change.Detail == 0 ? null : change.Detail,
        IsOfVisibility(change.Kind) ? FriendSourceVisibility.Of(FriendVisibility.Unpack(change.Detail)) : null);

    /// <summary>Null when the kind is not known, or the user id is none: one such change must not keep the others from being read.</summary>
    public Change? ToChange() => Enum.TryParse<ChangeKind>(Kind, ignoreCase: true, out var kind) && Enum.IsDefined(kind) && Core.UserId.Parse(UserId) is { } userId
        ? new(
            userId, kind, Version, Core.UserId.Parse(OtherId) ?? 0, ChangedAt, Visibility?.ToFriendVisibility().Packed ?? SharingUntil ?? 0)
        : null;

    private static bool IsOfVisibility(ChangeKind kind) => kind is ChangeKind.ShowsChanged or ChangeKind.SeesChanged;
}

/// <summary>The end of the journal.</summary>
/// <param name="Changes">Of one user in the order of its versions; some may have been read before, none is left out.</param>
/// <param name="Cursor">Opaque; the next question begins with it. Null while there was no change at all.</param>
public sealed record FriendSourceChanges(IReadOnlyList<FriendSourceChange> Changes, string? Cursor)
{
    public static FriendSourceChanges Of(JournalTail tail) => new([.. tail.Changes.Select(FriendSourceChange.Of)], tail.Cursor);

    public JournalTail ToJournalTail() => new([.. Changes.Select(change => change.ToChange()).OfType<Change>()], Cursor);
}
