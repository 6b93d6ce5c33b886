using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>The partitions of the history: one per UTC day.</summary>
/// <remarks>
/// A partition is created as a separate table and then attached, which does not block storing and reading; creating it
/// as a partition would lock the whole history. It is registered in <c>history_partitions</c>, which says whether retention
/// applies to it.
/// </remarks>
public sealed class HistoryPartitions(NpgsqlDataSource database)
{
    // Held while the set of partitions is changed.
    private const long Lock = 0x4E46_5041_5254; // "NFPART"

    private readonly ConcurrentDictionary<DateOnly, byte> _known = new();

    /// <summary>Whether the day's partition exists, as far as this process knows.</summary>
    public bool IsKnown(DateOnly day) => _known.ContainsKey(day);

    /// <summary>Makes the partitions of these days where they do not exist.</summary>
    /// <param name="days">UTC days.</param>
    /// <param name="keep">Exempts those that are made now from retention.</param>
    /// <param name="cancellationToken">Abandons the day that is being made.</param>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async Task EnsureAsync(IEnumerable<DateOnly> days, bool keep, CancellationToken cancellationToken)
    {
        foreach (var day in days)
        {
            if (!IsKnown(day))
            {
                await CreateAsync(day, keep, cancellationToken);
                _known[day] = 0;
            }
        }
    }

    /// <summary>Forgets which partitions exist: the next batch reads them again.</summary>
    public void Forget() => _known.Clear();

    /// <summary>Reads again which partitions exist.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select day from history_partitions");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var days = new HashSet<DateOnly>();
        while (await reader.ReadAsync(cancellationToken))
        {
            days.Add(reader.GetFieldValue<DateOnly>(0));
        }

        foreach (var day in days)
        {
            _known[day] = 0;
        }

        foreach (var day in _known.Keys.Where(day => !days.Contains(day)))
        {
            _known.TryRemove(day, out _);
        }
    }

    /// <summary>Drops the partitions before <paramref name="firstKept"/> that are not exempt; answers how many.</summary>
    /// <exception cref="PostgresException">One is being read for longer than two seconds; retry later.</exception>
    public async Task<int> DropBeforeAsync(DateOnly firstKept, CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand("select day from history_partitions where day < $1 and not kept order by day");
        find.Parameters.Add(new() { Value = firstKept });
        var days = new List<DateOnly>();
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                days.Add(reader.GetFieldValue<DateOnly>(0));
            }
        }

        foreach (var day in days)
        {
            // Dropping locks the whole history for a moment. Behind a long read it would block all other queries too.
            await ChangeAsync(
                $"""
                set local lock_timeout = '2s';
                drop table if exists {TableOf(day)};
                delete from history_partitions where day = '{Iso(day)}';
                """,
                cancellationToken);
            _known.TryRemove(day, out _);
        }

        return days.Count;
    }

    /// <summary>The partition's table, such as <c>location_history_20260131</c>.</summary>
    public static string TableOf(DateOnly day) => $"location_history_{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}";

    private Task CreateAsync(DateOnly day, bool keep, CancellationToken cancellationToken) => ChangeAsync(
        $"""
        do $make$
        begin
          if not exists (select from history_partitions where day = '{Iso(day)}') then
            create table {TableOf(day)} (like location_history including all);
            alter table location_history attach partition {TableOf(day)}
              for values from ('{Iso(day)} 00:00:00+00') to ('{Iso(day.AddDays(1))} 00:00:00+00');
            insert into history_partitions (day, kept) values ('{Iso(day)}', {(keep ? "true" : "false")});
          end if;
        end
        $make$
        """,
        cancellationToken);

    private async Task ChangeAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"select pg_advisory_xact_lock({Lock}); {sql}", connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
