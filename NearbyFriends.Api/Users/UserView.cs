using NearbyFriends.Api.Accounts;
using NearbyFriends.Core;


namespace NearbyFriends.Api.Users;

/// <summary>A user as its owner sees it.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="UserName">Unique without regard to case.</param>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether the location is shared with friends.</param>
/// <param name="Discoverable">Whether others find the user by the exact user name.</param>
/// <param name="SharingUntil">Unix milliseconds UTC at which sharing ends by itself; null for no end.</param>
/// <param name="Strangers">Whether strangers nearby see about where the user is, and the user them.</param>
public sealed record UserView(string Id, string UserName, string DisplayName, bool Sharing, bool Discoverable, long? SharingUntil, bool Strangers)
{
    public static UserView Of(UserAccount user, DateTimeOffset now) => new(
        UserId.Format(user.Id), user.UserName, user.DisplayName, user.SharesAt(now), user.Discoverable,
        user.SharesAt(now) ? user.SharingUntil?.ToUnixTimeMilliseconds() : null, user.Strangers);
}

/// <summary>A user as others see it.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="UserName">Unique without regard to case.</param>
/// <param name="DisplayName">As the user wishes to be called.</param>
public sealed record PublicUserView(string Id, string UserName, string DisplayName);
