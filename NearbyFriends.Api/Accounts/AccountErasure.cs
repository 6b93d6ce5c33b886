using NearbyFriends.Core;
using NearbyFriends.History;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Accounts;

/// <summary>Erases what a deleted account left behind: its history, friendships, requests and blocks.</summary>
/// <remarks>
/// Nobody sees any of it any more: the account itself went in one transaction, which left a row in <c>deletions</c>. The row goes
/// last, so whatever fails or dies half-way is found and begun anew by the upkeep of any Api; each step has no effect the
/// second time.
/// </remarks>
public sealed partial class AccountErasure(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, HistoryEraser history, TimeProvider clock,
    ILogger<AccountErasure> logger)
{
    private const int FriendsInBatch = 100;

    private readonly LogThrottle _failures = new(clock);

    /// <summary>Erases what one deleted account left; what fails is left to the upkeep.</summary>
    public async Task TryEraseAsync(long userId)
    {
        try
        {
            await EraseAsync(userId, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            if (_failures.Add() is > 0 and var count)
            {
                LogFailed(e, count);
            }
        }
    }

    /// <summary>Finishes what was left a minute ago or longer; one account's failure does not stop the others.</summary>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await using var find = database.Command("select user_id from deletions where deleted_at < now() - interval '1 minute' limit 1000");
        foreach (var userId in await find.ReadAllAsync(row => row.GetInt64(0), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TryEraseAsync(userId);
        }
    }

    private async Task EraseAsync(long userId, CancellationToken cancellationToken)
    {
        await using var find = database.Command("select friend_id from friendships where user_id = $1 order by 1", userId);
        foreach (var friends in (await find.ReadAllAsync(row => row.GetInt64(0), cancellationToken)).Chunk(FriendsInBatch))
        {
            await UnfriendAsync(userId, friends, cancellationToken);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var rest = new NpgsqlBatch(connection);
        rest.Add("delete from friendships where user_id = $1", userId);
        rest.Add("delete from friend_requests where addressee_id = $1", userId);
        rest.Add("delete from friend_requests where requester_id = $1", userId);
        rest.Add("delete from blocks where blocker_id = $1", userId);
        rest.Add("delete from blocks where blocked_id = $1", userId);
        rest.Add("delete from blocked_by where user_id = $1", userId);
        rest.Add("delete from blocked_by where blocker_id = $1", userId);
        await rest.ExecuteNonQueryAsync(cancellationToken);
        await history.EraseDeletedUserAsync(userId, cancellationToken);
        await using var done = database.Command("delete from deletions where user_id = $1", userId);
        await done.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The friends' sides of the friendships, each on its friend's shard, in the order in which everybody locks users.</summary>
    private async Task UnfriendAsync(long userId, long[] friends, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var friend in friends)
        {
            batch.Add(
                """
                with ended as (delete from friendships where user_id = $1 and friend_id = $2 returning user_id)
                update users set friend_count = friend_count - 1 where id = $1 and exists (select from ended)
                """,
                friend, userId);
            batch.Add("delete from alerts where user_id = $1 and friend_id = $2", friend, userId);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Deleted accounts could not be erased completely ({Count} since the last such line); the upkeep tries again.")]
    private partial void LogFailed(Exception exception, int count);
}
