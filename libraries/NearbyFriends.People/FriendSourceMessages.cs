using NearbyFriends.Core;

namespace NearbyFriends.People;

/// <summary>A user with all friends, as the friend source's API sends it.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether the user shares its location.</param>
/// <param name="Locked">Whether an operator locked the account.</param>
/// <param name="SharingVersion">Rises with every switch of sharing.</param>
/// <param name="FriendsVersion">Rises with every change that gateways must learn of.</param>
/// <param name="Friends">Ids of all friends, ascending by number.</param>
public sealed record FriendSourceUser(
    string Id, string DisplayName, bool Sharing, bool Locked, long SharingVersion, long FriendsVersion, IReadOnlyList<string> Friends)
{
    public static FriendSourceUser Of(UserFriends user) => new(
        UserId.Format(user.Id), user.DisplayName, user.Sharing, user.Locked, user.SharingVersion, user.FriendsVersion,
        Array.ConvertAll(user.Friends, UserId.Format));

    public UserFriends ToUserFriends() => new(
        UserId.Parse(Id)!.Value, DisplayName, Sharing, Locked, SharingVersion, FriendsVersion,
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

/// <summary>The versions of a user.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="Sharing">Whether the user shares its location.</param>
/// <param name="SharingVersion">Rises with every switch of sharing.</param>
/// <param name="FriendsVersion">Rises with every change that gateways must learn of.</param>
public sealed record FriendSourceVersions(string Id, bool Sharing, long SharingVersion, long FriendsVersion)
{
    public static FriendSourceVersions Of(UserVersions user) => new(UserId.Format(user.UserId), user.Sharing, user.SharingVersion, user.FriendsVersion);

    public UserVersions ToUserVersions() => new(UserId.Parse(Id)!.Value, Sharing, SharingVersion, FriendsVersion);
}
