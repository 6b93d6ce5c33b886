using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core.Geo;
using Npgsql;

namespace NearbyFriends.History;

/// <summary>The part of a user's history to read, newest first.</summary>
/// <param name="From">Oldest time to include, Unix milliseconds; null for all.</param>
/// <param name="Before">Read what is older than this, Unix milliseconds; null starts at the newest.</param>
/// <param name="Every">
/// Thin out: time is cut into intervals of this length, counted from 1970 so that pages agree on them, and of each
/// only the newest point is read; null for every point. Whole milliseconds.
/// </param>
/// <param name="Limit">The most points to read.</param>
public readonly record struct HistoryRange(long? From, long? Before, TimeSpan? Every, int Limit);

/// <summary>One stored point.</summary>
/// <param name="Location">Where and when.</param>
/// <param name="AccuracyMetres">Null when the device reported none.</param>
public readonly record struct StoredPoint(Location Location, float? AccuracyMetres);

/// <summary>Reads a user's own history.</summary>
/// <remarks>
/// The primary key (user, time) and the partitions by day are both ordered by time, so a page is one scan of the
/// index from its newest point backwards that stops when the page is full; older partitions are not touched.
/// A thinned page would have to read, and throw away, everything between its points; instead it descends the index
/// once per point to where the next interval ends. So a page costs the same however dense the history is.
/// </remarks>
public sealed class HistoryReader([FromKeyedServices(HistorySchema.Database)] NpgsqlDataSource database)
{
    /// <summary>Parameters: user, from, before, limit. Public so that a test can run EXPLAIN on it.</summary>
    public const string PageSql = """
        select recorded_at, latitude, longitude, accuracy
        from location_history
        where user_id = $1 and recorded_at >= $2 and recorded_at < $3
        order by recorded_at desc
        limit $4
        """;

    private const string ForwardSql = """
        select recorded_at, latitude, longitude, accuracy
        from location_history
        where user_id = $1 and recorded_at >= $2 and recorded_at < $3
        order by recorded_at
        limit $4
        """;

    private const int PageSize = 1_000;

    /// <summary>Parameters: user, from, before, limit, interval.</summary>
    public const string ThinnedPageSql = """
        with recursive page as (
          (select recorded_at, latitude, longitude, accuracy
           from location_history
           where user_id = $1 and recorded_at >= $2 and recorded_at < $3
           order by recorded_at desc
           limit 1)
          union all
          select older.recorded_at, older.latitude, older.longitude, older.accuracy
          from page, lateral (
            select recorded_at, latitude, longitude, accuracy
            from location_history
            where user_id = $1 and recorded_at >= $2 and recorded_at < date_bin($5, page.recorded_at, timestamptz 'epoch')
            order by recorded_at desc
            limit 1) older)
        select * from page limit $4
        """;

    /// <summary>A page of the history of <paramref name="userId"/>, newest first.</summary>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public Task<IReadOnlyList<StoredPoint>> ReadAsync(long userId, HistoryRange range, CancellationToken cancellationToken) =>
        ReadAsync(range.Every is null ? PageSql : ThinnedPageSql, userId, range, cancellationToken);

    /// <summary>
    /// The history of <paramref name="userId"/>, oldest first, read page by page: no connection is held while the caller is busy.
    /// </summary>
    /// <param name="userId">Whose.</param>
    /// <param name="from">Oldest time to include, Unix milliseconds; null for all.</param>
    /// <param name="before">Read what is older than this, Unix milliseconds; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public async IAsyncEnumerable<StoredPoint> ReadForwardAsync(
        long userId, long? from, long? before, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var page = await ReadAsync(ForwardSql, userId, new(from, before, Every: null, PageSize), cancellationToken);
            foreach (var point in page)
            {
                yield return point;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            from = page[^1].Location.Time + 1;
        }
    }

    private async Task<IReadOnlyList<StoredPoint>> ReadAsync(string sql, long userId, HistoryRange range, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(HistoryTime.Parameter(Bound(range.From, DateTime.MinValue)));
        command.Parameters.Add(HistoryTime.Parameter(Bound(range.Before, DateTime.MaxValue)));
        command.Parameters.Add(new() { Value = range.Limit });
        if (range.Every is { } every)
        {
            command.Parameters.Add(new() { Value = every });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var points = new List<StoredPoint>(range.Limit);
        while (await reader.ReadAsync(cancellationToken))
        {
            var location = new Location(reader.GetInt32(1), reader.GetInt32(2), HistoryTime.ToUnix(reader.GetDateTime(0)));
            points.Add(new(location, await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetFloat(3)));
        }

        return points;
    }

    // Npgsql sends the extremes of DateTime as Postgres's infinities.
    private static DateTime Bound(long? milliseconds, DateTime otherwise) =>
        milliseconds is { } value ? HistoryTime.FromUnix(value) : otherwise;
}
