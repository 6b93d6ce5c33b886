using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>The partitions of the history: one per UTC day, and one per month where an import brought a month that retention had passed.</summary>
/// <remarks>
/// A query that excludes no partition locks all of them and their indexes. Ten years of somebody's own record by days: 7,300 locks and
/// 0.3 s of planning for each query of everybody, and ten queries at a time exhaust the lock table of a server with its defaults.
/// <para/>
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
    /// <param name="cancellationToken">Abandons the day that is being made.</param>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async Task EnsureAsync(IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        foreach (var day in days.Where(day => !IsKnown(day)))
        {
            await CreateAsync(day, day.AddDays(1), TableOf(day), keep: false, cancellationToken);
            _known[day] = 0;
        }
    }

    /// <summary>Makes partitions of these days where they do not exist, exempt from retention.</summary>
    /// <param name="days">UTC days.</param>
    /// <param name="firstKept">The first day that retention leaves. A month that ended before has one partition, if none of its days has one.</param>
    /// <param name="cancellationToken">Abandons the partition that is being made.</param>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async Task EnsureKeptAsync(IEnumerable<DateOnly> days, DateOnly firstKept, CancellationToken cancellationToken)
    {
        foreach (var day in days.Where(day => !IsKnown(day)))
        {
            var month = FirstOfMonth(day);
            if (month < FirstOfMonth(firstKept))
            {
                await CreateAsync(month, month.AddMonths(1), TableOfMonth(month), keep: true, cancellationToken);
            }

            // No effect if the month now has one partition.
            await CreateAsync(day, day.AddDays(1), TableOf(day), keep: true, cancellationToken);
            await RefreshAsync(cancellationToken);
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

    private static string TableOf(DateOnly day) => $"location_history_{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}";

    private static string TableOfMonth(DateOnly month) => $"location_history_{month.ToString("yyyyMM", CultureInfo.InvariantCulture)}";

    // Of all days from first to before next, if none of them has a partition.
    private Task CreateAsync(DateOnly first, DateOnly next, string table, bool keep, CancellationToken cancellationToken) => ChangeAsync(
        $"""
        do $make$
        begin
          if not exists (select from history_partitions where day >= '{Iso(first)}' and day < '{Iso(next)}') then
            create table {table} (like location_history including all);
            alter table location_history attach partition {table}
              for values from ('{Iso(first)} 00:00:00+00') to ('{Iso(next)} 00:00:00+00');
            insert into history_partitions (day, kept)
              select date '{Iso(first)}' + i, {(keep ? "true" : "false")} from generate_series(0, {next.DayNumber - first.DayNumber - 1}) i;
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

    private static DateOnly FirstOfMonth(DateOnly day) => new(day.Year, day.Month, 1);

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
