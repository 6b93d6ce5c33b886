using NearbyFriends.Core;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Friends;

/// <summary>Another user in one of a user's lists.</summary>
/// <param name="Id">The other.</param>
/// <param name="DisplayName">Null when the account was just deleted: the row is about to be erased.</param>
/// <param name="Since">When the friendship, or the block, began.</param>
/// <param name="Shows">What the list's owner shows this user, if it is a friend.</param>
public sealed record ListedUser(long Id, string? DisplayName, DateTimeOffset Since, FriendVisibility Shows)
{
    /// <summary>A page of ids, which is read from one shard, then their names, which are on the shards of those users.</summary>
    /// <param name="database">Database <c>users</c>.</param>
    /// <param name="people">Knows the names.</param>
    /// <param name="sql">Selects id, since, and what is shown as <see cref="FriendVisibility.Packed"/>, of $1, behind $2, at most $3.</param>
    /// <param name="user">Whose list.</param>
    /// <param name="after">The last id of the page before; 0 for the first page.</param>
    /// <param name="limit">The most that are returned.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<IReadOnlyList<ListedUser>> ReadAsync(
        NpgsqlDataSource database, FriendDatabase people, string sql, long user, long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Command(sql, user, after, limit);
        var rows = await command.ReadAllAsync(
            row => (Id: row.GetInt64(0), Since: row.GetFieldValue<DateTimeOffset>(1), Shows: FriendVisibility.Unpack(row.GetInt64(2))),
            cancellationToken);
        var names = await people.DisplayNamesAsync([.. rows.Select(row => row.Id)], cancellationToken);
        return [.. rows.Select(row => new ListedUser(row.Id, names.GetValueOrDefault(row.Id), row.Since, row.Shows))];
    }
}
