using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Fanout.Channels;
using Npgsql;

namespace NearbyFriends.People;

/// <summary>Another user in one of a user's lists.</summary>
public sealed record ListedUser(long Id, string DisplayName, DateTimeOffset Since);

/// <summary>The list of a user's friends, and ending a friendship.</summary>
public sealed class Friendships(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, FanoutPublisher publisher)
{
    /// <summary>Friends by id, in one query.</summary>
    /// <param name="user">Whose friends.</param>
    /// <param name="after">The last id of the page before; 0 for the first page.</param>
    /// <param name="limit">The most that are returned.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<ListedUser>> ListAsync(long user, long after, int limit, CancellationToken cancellationToken)
    {
        // The page first, on its own shard, then the names: the join never touches more rows than the page has.
        await using var command = database.Command(
            """
            with page as materialized (
                select friend_id, since from friendships where user_id = $1 and friend_id > $2 order by friend_id limit $3)
            select page.friend_id, users.display_name, page.since
            from page join users on users.id = page.friend_id order by 1
            """,
            user, after, limit);
        return await command.ReadAllAsync(
            row => new ListedUser(row.GetInt64(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
    }

    /// <summary>Ends the friendship; does nothing when there is none.</summary>
    public async Task RemoveAsync(long user, long friend, CancellationToken cancellationToken)
    {
        await using var between = await Relationship.LockAsync(database, user, friend, cancellationToken);
        if (between is not { AreFriends: true })
            return;

        between.Unfriend();
        await between.CommitAsync(publisher, cancellationToken);
    }
}
