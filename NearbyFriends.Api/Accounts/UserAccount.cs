using Npgsql;

namespace NearbyFriends.Api.Accounts;

/// <summary>A user as its owner sees it.</summary>
/// <param name="Id">Positive, 63 bits.</param>
/// <param name="UserName">Unique without regard to case.</param>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether the location is shared with friends, until the end if there is one: <see cref="SharesAt"/>.</param>
/// <param name="Discoverable">Whether others find the user by its exact user name.</param>
/// <param name="Locked">Whether an operator locked the account.</param>
/// <param name="SharingVersion">Rises with every switch of <paramref name="Sharing"/>, and with every change of its end.</param>
/// <param name="FriendsVersion">Rises by one with every change of a friend, of the name or of a block.</param>
/// <param name="SharingUntil">When sharing ends by itself; null for no end.</param>
/// <param name="Strangers">Whether strangers nearby see the user, and the user them.</param>
/// <param name="StrangersVersion">Rises with every switch of <paramref name="Strangers"/>.</param>
public sealed record UserAccount(
    long Id, string UserName, string DisplayName, bool Sharing, bool Discoverable, bool Locked, long SharingVersion, long FriendsVersion,
    DateTimeOffset? SharingUntil = null, bool Strangers = false, long StrangersVersion = 0)
{
    internal const string Columns =
        "id, user_name, display_name, sharing, discoverable, locked, sharing_version, friends_version, sharing_until, strangers, strangers_version";

    /// <summary>Whether the user shares at <paramref name="now"/>.</summary>
    public bool SharesAt(DateTimeOffset now) => Sharing && (SharingUntil is null || now < SharingUntil);

    internal static UserAccount Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), row.GetInt64(6), row.GetInt64(7),
        row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8), row.GetBoolean(9), row.GetInt64(10));
}

/// <summary>What a user changes of itself; null leaves a thing as it is.</summary>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether the location is shared; who begins to share does so without an end, unless there is one in <paramref name="End"/>.</param>
/// <param name="Discoverable">Whether others find the user by its exact user name.</param>
/// <param name="End">When sharing ends by itself.</param>
/// <param name="Strangers">Whether strangers nearby see the user, and the user them.</param>
public sealed record UserChanges(
    string? DisplayName = null, bool? Sharing = null, bool? Discoverable = null, SharingEnd? End = null, bool? Strangers = null);

/// <summary>When sharing ends by itself.</summary>
/// <param name="Until">Null for no end.</param>
public readonly record struct SharingEnd(DateTimeOffset? Until);
