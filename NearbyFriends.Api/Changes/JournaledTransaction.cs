using NearbyFriends.Core;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Changes;

/// <summary>A transaction that changes people, and records in the journal what gateways must learn of it.</summary>
/// <remarks>
/// What it writes leaves in one batch, the journal's rows at its end: between a row's stamp and the commit lies nothing but the
/// answer's way back. The database ends a transaction that takes longer than readers of the journal allow for. From the first
/// write on nothing is cancelled any more, or a caller who hangs up would leave it open whether the change was made. If this
/// process dies before the commit, nothing was changed; if it dies after, gateways learn of it from the journal.
/// </remarks>
internal sealed class JournaledTransaction : IAsyncDisposable
{
    private static readonly string[] Limits =
    [
        $"set local statement_timeout = {Journal.TransactionLimit.TotalMilliseconds:0}",
        $"set local idle_in_transaction_session_timeout = {Journal.TransactionLimit.TotalMilliseconds:0}",
    ];

    private readonly List<Change> _changes = [];
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly NpgsqlBatch _writes;

    private JournaledTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
        _writes = new NpgsqlBatch(connection, transaction);
    }

    public static async Task<JournaledTransaction> BeginAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            return new(connection, await connection.BeginTransactionAsync(cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The batch with which the transaction begins: it locks, and reads what is decided on.</summary>
    public NpgsqlBatch FirstBatch()
    {
        var batch = new NpgsqlBatch(_connection, _transaction);
        foreach (var limit in Limits)
        {
            batch.Add(limit);
        }

        return batch;
    }

    /// <summary>Adds a statement to what <see cref="CommitAsync"/> carries out.</summary>
    public void Write(string sql, params ReadOnlySpan<object> parameters) => _writes.Add(sql, parameters);

    /// <summary>Adds a row of the journal.</summary>
    /// <param name="userId">Whose change it is.</param>
    /// <param name="kind">What changes.</param>
    /// <param name="version">The version after the change, of the counter that <paramref name="kind"/> belongs to.</param>
    /// <param name="otherId">The other user of a friendship.</param>
    /// <param name="detail">See <see cref="Change.Detail"/>.</param>
    public void Record(long userId, ChangeKind kind, long version, long otherId = 0, long detail = 0) =>
        _changes.Add(new(userId, kind, version, otherId, default, detail));

    /// <summary>Makes the changes durable, then announces them; without any, there is nothing to do.</summary>
    public async Task CommitAsync(ChangeAnnouncer announcer)
    {
        if (_writes.BatchCommands.Count == 0)
        {
            return;
        }

        foreach (var change in _changes)
        {
            _writes.Add(
                "insert into changes (user_id, kind, version, other_id, detail) values ($1, $2, $3, $4, $5) returning changed_at",
                change.UserId, (short)change.Kind, change.Version, change.OtherId, change.Detail);
        }

        var recorded = await WriteAsync();
        await _transaction.CommitAsync(CancellationToken.None);
        await announcer.AnnounceAsync(recorded);
    }

    public async ValueTask DisposeAsync()
    {
        await _writes.DisposeAsync();
        await _transaction.DisposeAsync(); // rolls back what was not committed
        await _connection.DisposeAsync();
    }

    private async Task<List<Change>> WriteAsync()
    {
        var recorded = new List<Change>(_changes.Count);
        await using var stamps = await _writes.ExecuteReaderAsync(CancellationToken.None);
        do
        {
            while (await stamps.ReadAsync(CancellationToken.None))
            {
                recorded.Add(_changes[recorded.Count] with { ChangedAt = stamps.GetFieldValue<DateTimeOffset>(0) });
            }
        }
        while (await stamps.NextResultAsync(CancellationToken.None));
        return recorded;
    }
}
