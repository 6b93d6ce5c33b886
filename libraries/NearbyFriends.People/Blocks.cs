using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Fanout.Channels;
using Npgsql;

namespace NearbyFriends.People;

/// <summary>Whom a user does not want to know: to the blocked, the blocker is a user that does not exist.</summary>
public sealed class Blocks(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, FanoutPublisher publisher, TimeProvider clock)
{
    /// <summary>
    /// Blocks; the friendship ends and requests between the two are gone, without a word to the other. Doing so again
    /// changes nothing.
    /// </summary>
    /// <returns>False when there is no such user, or none that the caller may know of.</returns>
    public async Task<bool> AddAsync(long user, long blocked, CancellationToken cancellationToken)
    {
        await using var between = await Relationship.LockAsync(database, user, blocked, cancellationToken);
        if (between is null)
            return false;

        if (between.IBlocked)
            return true;

        if (between.TheyBlocked)
            return false;

        if (between.AreFriends)
            between.Unfriend();

        between.ForgetRequests();
        between.Block(clock.GetUtcNow());
        await between.CommitAsync(publisher, cancellationToken);
        return true;
    }

    /// <summary>Unblocks; what the block ended stays ended. Does nothing when there is no block.</summary>
    public async Task RemoveAsync(long user, long blocked, CancellationToken cancellationToken)
    {
        await using var command = database.Command("delete from blocks where blocker_id = $1 and blocked_id = $2", user, blocked);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Blocked users by id.</summary>
    /// <inheritdoc cref="Friendships.ListAsync"/>
    public async Task<IReadOnlyList<ListedUser>> ListAsync(long user, long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            """
            with page as materialized (
                select blocked_id, since from blocks where blocker_id = $1 and blocked_id > $2 order by blocked_id limit $3)
            select page.blocked_id, users.display_name, page.since
            from page join users on users.id = page.blocked_id order by 1
            """,
            user, after, limit);
        return await command.ReadAllAsync(
            row => new ListedUser(row.GetInt64(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
    }
}
