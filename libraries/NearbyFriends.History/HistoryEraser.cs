using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace NearbyFriends.History;

/// <summary>Erases a user's history: what is stored, and what is still on its way.</summary>
/// <remarks>
/// Points on their way are in a gateway's memory or in a stream, where they cannot be picked out. So an erasure is
/// first recorded, and workers leave out every point that was received before the erasure of its user. A worker reads
/// the record at the start of the transaction that stores a batch, after taking a shared advisory lock which it holds
/// until the end; the eraser commits its record and then waits for the transactions that held the lock at that moment,
/// because those may not have seen it. It never takes the lock itself, so that erasing does not hold up storing. What
/// those transactions stored is then deleted with the rest. Where a service dies between recording and deleting, a
/// worker finishes the job.
/// </remarks>
public sealed class HistoryEraser([FromKeyedServices(HistorySchema.Database)] NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The advisory lock that a transaction which stores points holds, shared.</summary>
    public const long StoringLock = 0x4E46_5354_4F52; // "NFSTOR"

    /// <summary>
    /// How far back workers look for erasures that they have not seen: a record becomes visible at its commit, not at
    /// its time. A commit that took longer than half of it is repeated.
    /// </summary>
    public static readonly TimeSpan LookBack = TimeSpan.FromSeconds(60);

    private const string RecordSql = """
        insert into history_erasures (user_id, erased_at, user_deleted, done) values ($1, clock_timestamp(), $2, false)
        on conflict (user_id) do update set
          erased_at = excluded.erased_at, user_deleted = history_erasures.user_deleted or excluded.user_deleted, done = false
        """;

    private const string StoringTransactionsSql = """
        select virtualtransaction from pg_locks
        where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
          and ((classid::bigint << 32) | objid::bigint) = $1
        """;

    private const int LongestDeleteSeconds = 300;
    private static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Erases everything that was received from <paramref name="userId"/> until now; returns when it is gone and none
    /// of it can come back. Doing so again is harmless.
    /// </summary>
    /// <returns>How many stored points were deleted.</returns>
    /// <exception cref="NpgsqlException">
    /// The database is away. If the erasure was recorded before that, a worker finishes it.
    /// </exception>
    public Task<long> EraseAsync(long userId, CancellationToken cancellationToken) => EraseAsync(userId, false, cancellationToken);

    /// <summary>
    /// Like <see cref="EraseAsync(long, CancellationToken)"/> for a user who is no more: later points, such as those of
    /// a session that is just being closed, are not stored either.
    /// </summary>
    public Task<long> EraseDeletedUserAsync(long userId, CancellationToken cancellationToken) => EraseAsync(userId, true, cancellationToken);

    /// <summary>Finishes erasures that were recorded longer than a minute ago and left undone; answers how many.</summary>
    public async Task<int> FinishAsync(CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand(
            "select user_id from history_erasures where not done and erased_at < now() - interval '1 minute' limit 1000");
        var users = new List<long>();
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                users.Add(reader.GetInt64(0));
            }
        }

        foreach (var user in users)
        {
            await DeleteAsync(user, cancellationToken);
        }

        return users.Count;
    }

    private async Task<long> EraseAsync(long userId, bool userDeleted, CancellationToken cancellationToken)
    {
        await RecordAsync(userId, userDeleted, cancellationToken);
        await AwaitStoringTransactionsAsync(cancellationToken);
        return await DeleteAsync(userId, cancellationToken);
    }

    private async Task RecordAsync(long userId, bool userDeleted, CancellationToken cancellationToken)
    {
        TimeSpan took;
        do
        {
            var start = Stopwatch.GetTimestamp();
            await using var record = database.CreateCommand(RecordSql);
            record.Parameters.Add(new() { Value = userId });
            record.Parameters.Add(new() { Value = userDeleted });
            await record.ExecuteNonQueryAsync(cancellationToken);
            took = Stopwatch.GetElapsedTime(start);
        }
        while (took > LookBack / 2);
    }

    private async Task AwaitStoringTransactionsAsync(CancellationToken cancellationToken)
    {
        var before = await StoringTransactionsAsync(cancellationToken);
        while (before.Count > 0)
        {
            await Task.Delay(CheckEvery, clock, cancellationToken);
            before.IntersectWith(await StoringTransactionsAsync(cancellationToken));
        }
    }

    // A virtual transaction id is the backend and a number that it counts up: no two transactions share one.
    private async Task<HashSet<string>> StoringTransactionsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(StoringTransactionsSql);
        command.Parameters.Add(new() { Value = StoringLock });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var transactions = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            transactions.Add(reader.GetString(0));
        }

        return transactions;
    }

    // A transaction of its own per statement: should a second erasure come in between, it stays undone, and does its own.
    private async Task<long> DeleteAsync(long userId, CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand(
            "select erased_at, case when user_deleted then 'infinity' else erased_at end from history_erasures where user_id = $1");
        find.Parameters.Add(new() { Value = userId });
        DateTime erasedAt, until;
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return 0;
            }

            (erasedAt, until) = (reader.GetDateTime(0), reader.GetDateTime(1));
        }

        await using var delete = database.CreateCommand("delete from location_history where user_id = $1 and received_at <= $2");
        delete.CommandTimeout = LongestDeleteSeconds;
        delete.Parameters.Add(new() { Value = userId });
        delete.Parameters.Add(new() { Value = until });
        var rows = await delete.ExecuteNonQueryAsync(cancellationToken);

        await using var done = database.CreateCommand("update history_erasures set done = true where user_id = $1 and erased_at = $2");
        done.Parameters.Add(new() { Value = userId });
        done.Parameters.Add(new() { Value = erasedAt });
        await done.ExecuteNonQueryAsync(cancellationToken);
        return rows;
    }
}
