using Microsoft.Extensions.Options;
using NearbyFriends.History;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>Stores points in the history, each once.</summary>
/// <remarks>
/// The fast way copies rows straight into the table and fails as a whole if one of them is there already. The safe way
/// copies them into a temporary table and from there inserts the new ones. Points are copied fast when they are delivered for
/// the first time, and safely whenever they may be stored already. Both take one transaction.
/// </remarks>
public sealed class HistoryStore(
    [FromKeyedServices(HistorySchema.Database)] NpgsqlDataSource database,
    HistoryPartitions partitions,
    Erasures erasures,
    IOptions<HistoryStoreOptions> options,
    TimeProvider clock,
    HistoryStoreMetrics metrics) : IDisposable
{
    // Gateways accept times up to a minute ahead, so a point may belong to tomorrow already.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(2);

    // A lane that waits here has already sorted its next batch, so the database does not wait for lanes.
    private readonly SemaphoreSlim _connections = new(options.Value.Connections);

    /// <summary>The first day that retention leaves; earlier days have a partition only if they were imported.</summary>
    public DateOnly FirstKeptDay => DateOnly.FromDateTime((clock.GetUtcNow() - options.Value.Retention).UtcDateTime);

    /// <summary>Stores <paramref name="points"/>, except what was erased or is older than retention allows.</summary>
    /// <param name="points">Sorted on return, without the points that were left out.</param>
    /// <param name="mayBeStored">Whether some may be in the table already.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    /// <returns>How many rows are new.</returns>
    /// <exception cref="NpgsqlException">
    /// <see cref="StoreFailures"/> says why. <see cref="StoreFailure.StoredBefore"/> only if none was expected to be stored;
    /// after <see cref="StoreFailure.Unavailable"/> it is unknown whether the points are stored.
    /// </exception>
    public async Task<int> StoreAsync(PointBuffer points, bool mayBeStored, CancellationToken cancellationToken)
    {
        points.SortAndRemoveDuplicates();
        await PreparePartitionsAsync(points, cancellationToken);
        if (points.Count == 0)
        {
            return 0;
        }

        await _connections.WaitAsync(cancellationToken);
        try
        {
            return await TransactAsync(points, mayBeStored, cancellationToken);
        }
        finally
        {
            _connections.Release();
        }
    }

    /// <summary>Unix milliseconds; no gateway accepts a later time.</summary>
    public long LastPlausibleTime => HistoryTime.ToUnix((clock.GetUtcNow() + Ahead).UtcDateTime);

    public void Dispose() => _connections.Dispose();

    private async Task PreparePartitionsAsync(PointBuffer points, CancellationToken cancellationToken)
    {
        var firstKept = FirstKeptDay;
        var unknown = points.Days().Where(day => !partitions.IsKnown(day)).ToList();
        if (unknown.Count == 0)
        {
            return;
        }

        await partitions.RefreshAsync(cancellationToken);
        await partitions.EnsureAsync(unknown.Where(day => day >= firstKept), cancellationToken);
        if (unknown.Exists(day => !partitions.IsKnown(day)))
        {
            metrics.LeftOut(points.RemoveWhere(point => !partitions.IsKnown(HistoryTime.DayOf(point.Location.Time))), "expired");
        }
    }

    private async Task<int> TransactAsync(PointBuffer points, bool mayBeStored, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = await erasures.ReadAsync(connection, cancellationToken);
        points.ReceivedBy(HistoryTime.ToUnix(now));
        metrics.LeftOut(erasures.TakeOut(points), "erased");
        var rows = mayBeStored
            ? await MergeAsync(connection, points, cancellationToken)
            : await CopyAsync(connection, points, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }

    private static async Task<int> CopyAsync(NpgsqlConnection connection, PointBuffer points, CancellationToken cancellationToken)
    {
        await CopyRows.CopyAsync(connection, "location_history", points.Points, cancellationToken);
        return points.Count;
    }

    private static async Task<int> MergeAsync(NpgsqlConnection connection, PointBuffer points, CancellationToken cancellationToken)
    {
        await using var stage = new NpgsqlCommand("create temporary table staged (like location_history) on commit drop", connection);
        await stage.ExecuteNonQueryAsync(cancellationToken);
        await CopyRows.CopyAsync(connection, "staged", points.Points, cancellationToken);

        // Rows come out of the temporary table in the order in which they went in, which is the order of the keys.
        // The rows returned are counted, because Citus reports those selected as those inserted.
        const string Merge = $"""
            insert into location_history ({CopyRows.Columns}) select {CopyRows.Columns} from staged
            on conflict do nothing returning user_id
            """;
        await using var merge = new NpgsqlCommand(Merge, connection) { CommandTimeout = 300 };
        await using var reader = await merge.ExecuteReaderAsync(cancellationToken);
        var rows = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            rows++;
        }

        return rows;
    }
}
