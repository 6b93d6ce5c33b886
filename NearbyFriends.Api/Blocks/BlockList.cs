using NearbyFriends.Api.Changes;
using NearbyFriends.Api.Friends;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Blocks;

/// <summary>Whom a user does not want to know: to the blocked, the blocker is a user that does not exist.</summary>
public sealed class BlockList(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, FriendDatabase people, ChangeAnnouncer announcer, TimeProvider clock)
{
    /// <summary>
    /// Blocks; the friendship ends and requests between the two are gone, without a word to the other. No effect if already
    /// blocked.
    /// </summary>
    /// <returns>False when there is no such user, or none that the caller may know of.</returns>
    public async Task<bool> AddAsync(long user, long blocked, CancellationToken cancellationToken)
    {
        await using var between = await Relationship.LockAsync(database, user, blocked, cancellationToken);
        if (between is null)
        {
            return false;
        }

        if (between.IBlocked)
        {
            return true;
        }

        if (between.TheyBlocked)
        {
            return false;
        }

        if (between.AreFriends)
        {
            between.Unfriend();
        }

        between.EndRequests();
        between.Block(clock.GetUtcNow());
        await between.CommitAsync(announcer);
        return true;
    }

    /// <summary>
    /// Unblocks; what the block ended stays ended, and as strangers the two see each other once one asks anew. Does nothing when there
    /// is no block.
    /// </summary>
    public async Task RemoveAsync(long user, long blocked, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var both = new NpgsqlBatch(connection, transaction);
        both.Add("delete from blocks where blocker_id = $1 and blocked_id = $2", user, blocked);
        both.Add("delete from blocked_by where user_id = $1 and blocker_id = $2", blocked, user);
        await both.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Blocked users by id.</summary>
    /// <inheritdoc cref="Friendships.ListAsync"/>
    public Task<IReadOnlyList<ListedUser>> ListAsync(long user, long after, int limit, CancellationToken cancellationToken) =>
        ListedUser.ReadAsync(
            database, people,
            "select blocked_id, since, 0::bigint from blocks where blocker_id = $1 and blocked_id > $2 order by blocked_id limit $3",
            user, after, limit, cancellationToken);
}
