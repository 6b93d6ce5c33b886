using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace NearbyFriends.History;

/// <summary>An erasure as it is recorded.</summary>
/// <param name="UserId">Whose history.</param>
/// <param name="ErasedAt">What was received until then is erased; UTC.</param>
/// <param name="UserDeleted">Whether what is received later is erased too.</param>
public readonly record struct Erasure(long UserId, DateTime ErasedAt, bool UserDeleted);

/// <summary>What <see cref="HistoryEraser.CloseAsync"/> did.</summary>
/// <param name="Closed">Erasures that are complete now.</param>
/// <param name="Failed">Erasures that the database refused; they are retried in the next round.</param>
public readonly record struct ClosedErasures(int Closed, int Failed);

/// <summary>Erases a user's history: the stored points, and those that are not stored yet.</summary>
/// <remarks>
/// Points that are not stored yet are in a gateway's memory or in a stream, where they cannot be deleted one by one. So an
/// erasure is first recorded, and workers leave out every point that was received before the erasure of its user. A worker reads
/// the record at the start of the transaction that stores a batch, after taking a shared advisory lock which it holds
/// until the end; the eraser commits its record and then waits for the transactions that held the lock at that moment,
/// because those may not have seen it. It never takes the lock itself, so that erasing does not block storing. What
/// those transactions stored is then deleted with the rest.
/// <para>
/// The clocks of gateways are not trusted, only those of the two servers. A worker lowers a time of receipt to when the entry
/// was appended (clock of the stream server) and to when it is stored (clock of the database). What was appended or stored before an
/// erasure is therefore erased, however far ahead a gateway's clock is. <see cref="ClockTolerance"/> covers the rest: the
/// difference between the two servers' clocks, and what waited in such a gateway.
/// </para>
/// <para>
/// A record stays open for <see cref="OpenFor"/>; then a worker deletes once more and closes it. That finishes the job of
/// a service that died after recording. It also reaches what Citus makes visible late: where a worker dies between
/// PREPARE and COMMIT PREPARED of its transaction, the rows appear when Citus recovers the transaction.
/// </para>
/// </remarks>
public sealed partial class HistoryEraser(
    [FromKeyedServices(HistorySchema.Database)] NpgsqlDataSource database, TimeProvider clock, ILogger<HistoryEraser> log)
{
    /// <summary>The advisory lock that a transaction which stores points holds, shared.</summary>
    public const long StoringLock = 0x4E46_5354_4F52; // "NFSTOR"

    /// <summary>
    /// How far back workers look for erasures that they have not seen: a record becomes visible at its commit, not at
    /// its time. A commit that took longer than half of it is repeated.
    /// </summary>
    public static readonly TimeSpan LookBack = TimeSpan.FromSeconds(60);

    /// <summary>1 s: what is received within it after an erasure is erased too.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long after an erasure its second deletion follows: 5 minutes, well over <c>citus.recover_2pc_interval</c> (60 s
    /// by default).
    /// </summary>
    public static readonly TimeSpan OpenFor = TimeSpan.FromMinutes(5);

    private const string RecordSql = """
        insert into history_erasures (user_id, erased_at, user_deleted, done) values ($1, clock_timestamp() + $3, $2, false)
        on conflict (user_id) do update set
          erased_at = excluded.erased_at, user_deleted = history_erasures.user_deleted or excluded.user_deleted, done = false
        returning user_id, erased_at, user_deleted
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
    /// of it can be stored later. Idempotent.
    /// </summary>
    /// <returns>How many stored points were deleted.</returns>
    /// <exception cref="NpgsqlException">
    /// The database is unavailable. If the erasure was recorded before that, a worker finishes it.
    /// </exception>
    public Task<long> EraseAsync(long userId, CancellationToken cancellationToken) => EraseAsync(userId, false, cancellationToken);

    /// <summary>
    /// Like <see cref="EraseAsync(long, CancellationToken)"/> for a deleted user: later points, such as those of a session
    /// that is just being closed, are not stored either.
    /// </summary>
    public Task<long> EraseDeletedUserAsync(long userId, CancellationToken cancellationToken) => EraseAsync(userId, true, cancellationToken);

    /// <summary>The erasures that are open for longer than <see cref="OpenFor"/>, oldest first, at most 1,000.</summary>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async Task<IReadOnlyList<Erasure>> OpenAsync(CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand(
            """
            select user_id, erased_at, user_deleted from history_erasures
            where not done and erased_at < now() - $1
            order by erased_at limit 1000
            """);
        find.Parameters.Add(new() { Value = OpenFor });
        return await ReadAsync(find, cancellationToken);
    }

    /// <summary>
    /// Erases again and closes these erasures. One that the database refuses is logged and stays open; the others are
    /// closed all the same.
    /// </summary>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async Task<ClosedErasures> CloseAsync(IEnumerable<Erasure> erasures, CancellationToken cancellationToken)
    {
        var (closed, failed) = (0, 0);
        foreach (var erasure in erasures)
        {
            try
            {
                await DeleteAsync(erasure, cancellationToken);
                await MarkDoneAsync(erasure, cancellationToken);
                closed++;
            }
            catch (NpgsqlException exception) when (exception is PostgresException or { InnerException: TimeoutException })
            {
                LogFailed(exception);
                failed++;
            }
        }

        return new(closed, failed);
    }

    private async Task<long> EraseAsync(long userId, bool userDeleted, CancellationToken cancellationToken)
    {
        var erasure = await RecordAsync(userId, userDeleted, cancellationToken);
        await AwaitStoringTransactionsAsync(cancellationToken);
        return await DeleteAsync(erasure, cancellationToken);
    }

    private async Task<Erasure> RecordAsync(long userId, bool userDeleted, CancellationToken cancellationToken)
    {
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            await using var record = database.CreateCommand(RecordSql);
            record.Parameters.Add(new() { Value = userId });
            record.Parameters.Add(new() { Value = userDeleted });
            record.Parameters.Add(new() { Value = ClockTolerance });
            var erasure = (await ReadAsync(record, cancellationToken))[0];
            if (Stopwatch.GetElapsedTime(start) <= LookBack / 2)
            {
                return erasure;
            }
        }
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

    private static async Task<List<Erasure>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var erasures = new List<Erasure>();
        while (await reader.ReadAsync(cancellationToken))
        {
            erasures.Add(new(reader.GetInt64(0), reader.GetDateTime(1), reader.GetBoolean(2)));
        }

        return erasures;
    }

    private async Task<long> DeleteAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        await using var delete = database.CreateCommand("delete from location_history where user_id = $1 and received_at <= $2");
        delete.CommandTimeout = LongestDeleteSeconds;
        delete.Parameters.Add(new() { Value = erasure.UserId });
        delete.Parameters.Add(HistoryTime.Parameter(erasure.UserDeleted ? DateTime.MaxValue : erasure.ErasedAt));
        return await delete.ExecuteNonQueryAsync(cancellationToken);
    }

    // If the user erased again in the meantime, the record has another time and stays open.
    private async Task MarkDoneAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        await using var done = database.CreateCommand("update history_erasures set done = true where user_id = $1 and erased_at = $2");
        done.Parameters.Add(new() { Value = erasure.UserId });
        done.Parameters.Add(HistoryTime.Parameter(erasure.ErasedAt));
        await done.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Error, "An erasure failed; it stays open in history_erasures and is repeated")]
    private partial void LogFailed(Exception failure);
}
