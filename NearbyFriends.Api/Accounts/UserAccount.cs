using Npgsql;

namespace NearbyFriends.Api.Accounts;

/// <summary>A user as its owner sees it.</summary>
/// <param name="Id">Positive, 63 bits.</param>
/// <param name="UserName">Unique without regard to case.</param>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether the location is shared with friends.</param>
/// <param name="Discoverable">Whether others find the user by its exact user name.</param>
/// <param name="Locked">Whether an operator locked the account.</param>
/// <param name="SharingVersion">Rises with every switch of <paramref name="Sharing"/>.</param>
/// <param name="FriendsVersion">Rises by one with every change of a friend, of the name or of a block.</param>
/// <param name="Strangers">Whether strangers nearby see the user, and the user them.</param>
/// <param name="StrangersVersion">Rises with every switch of <paramref name="Strangers"/>.</param>
public sealed record UserAccount(
    long Id, string UserName, string DisplayName, bool Sharing, bool Discoverable, bool Locked, long SharingVersion, long FriendsVersion,
    bool Strangers, long StrangersVersion)
{
    internal const string Columns =
        "id, user_name, display_name, sharing, discoverable, locked, sharing_version, friends_version, strangers, strangers_version";

    internal static UserAccount Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), row.GetInt64(6), row.GetInt64(7),
        row.GetBoolean(8), row.GetInt64(9));
}

/// <summary>What a user changes of itself; null leaves a thing as it is.</summary>
public sealed record UserChanges(string? DisplayName = null, bool? Sharing = null, bool? Discoverable = null, bool? Strangers = null);
