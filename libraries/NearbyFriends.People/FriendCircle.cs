using Npgsql;

namespace NearbyFriends.People;

/// <summary>A user and all friends, their rows locked in id order, for a change of the user that every friend must learn of.</summary>
/// <remarks>
/// Two round trips and one short statement a friend: the statements of a batch each go to one shard, which a single
/// <c>for update</c> over all rows would not. Both changes that need it, switching sharing and deleting, are rare.
/// </remarks>
internal sealed class FriendCircle : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private FriendCircle(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
        Changes = new NpgsqlBatch(connection, transaction);
    }

    public required UserAccount User { get; init; }

    /// <summary>The ids of all friends and their friends versions.</summary>
    public required IReadOnlyList<(long Id, long FriendsVersion)> Friends { get; init; }

    /// <summary>What <see cref="CommitAsync"/> carries out.</summary>
    public NpgsqlBatch Changes { get; }

    /// <summary>Locks the user and all friends; null when there is no such user.</summary>
    public static async Task<FriendCircle?> LockAsync(NpgsqlDataSource database, long userId, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The locks are taken in id order, so the friends must be known before the first lock; whoever made or
            // ended a friendship in between is noticed under the locks, and the whole begins again.
            var expected = await FriendIdsAsync(database, userId, cancellationToken);
            var connection = await database.OpenConnectionAsync(cancellationToken);
            NpgsqlTransaction? transaction = null;
            var locked = false;
            try
            {
                transaction = await connection.BeginTransactionAsync(cancellationToken);
                var (circle, friends) = await ReadAsync(connection, transaction, userId, expected, cancellationToken);
                if (circle is null)
                    return null;

                locked = expected.AsSpan().SequenceEqual(friends.ToArray());
                if (locked)
                    return circle;
            }
            finally
            {
                if (!locked)
                {
                    if (transaction is not null)
                        await transaction.DisposeAsync();

                    await connection.DisposeAsync();
                }
            }
        }
    }

    /// <summary>Raises every friend's friends version.</summary>
    /// <param name="friendCount">Added to every friend's number of friends: 0, or -1 when the user leaves.</param>
    public void TouchFriends(int friendCount)
    {
        foreach (var (id, _) in Friends)
        {
            Changes.Add(
                "update users set friends_version = friends_version + 1, friend_count = friend_count + $2 where id = $1", id, friendCount);
        }
    }

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await Changes.ExecuteNonQueryAsync(cancellationToken);
        await _transaction.CommitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Changes.DisposeAsync();
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task<long[]> FriendIdsAsync(NpgsqlDataSource database, long userId, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select friend_id from friendships where user_id = $1 order by 1", userId);
        return [.. await command.ReadAllAsync(row => row.GetInt64(0), cancellationToken)];
    }

    private static async Task<(FriendCircle? Circle, List<long> Friends)> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, long userId, long[] friendIds, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var id in friendIds.Append(userId).Order())
            batch.Add($"select {UserAccount.Columns} from users where id = $1 for no key update", id);

        batch.Add("select friend_id from friendships where user_id = $1 order by 1", userId);

        UserAccount? user = null;
        var friends = new List<(long, long)>(friendIds.Length);
        var nowFriends = new List<long>(friendIds.Length);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        for (var i = 0; i <= friendIds.Length; i++)
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                var account = UserAccount.Read(reader);
                if (account.Id == userId)
                    user = account;
                else
                    friends.Add((account.Id, account.FriendsVersion));
            }

            await reader.NextResultAsync(cancellationToken);
        }

        while (await reader.ReadAsync(cancellationToken))
            nowFriends.Add(reader.GetInt64(0));

        return (user is null ? null : new FriendCircle(connection, transaction) { User = user, Friends = friends }, nowFriends);
    }
}
