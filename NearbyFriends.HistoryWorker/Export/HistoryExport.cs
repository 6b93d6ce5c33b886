using System.Text.Json;
using NearbyFriends.Core.Geo;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using Npgsql;
using NpgsqlTypes;

namespace NearbyFriends.HistoryWorker.Export;

/// <summary>What to export.</summary>
/// <param name="From">The oldest time to include, UTC.</param>
/// <param name="To">The first time to leave out, UTC.</param>
/// <param name="Format">Of the files.</param>
/// <param name="Folder">Where they go; created if it does not exist.</param>
/// <param name="KeepIds">Whether users are named by their ids instead of by pseudonyms.</param>
public sealed record ExportRequest(DateTime From, DateTime To, ExportFormat Format, string Folder, bool KeepIds);

/// <summary>A day of the history.</summary>
/// <param name="Day">UTC.</param>
/// <param name="RowEstimate">By the query planner's estimate of its partition, of which other days may have an equal part; 0 when there is none.</param>
public readonly record struct ExportDay(DateOnly Day, long RowEstimate);

/// <summary>
/// Streams the history into files, one per day, for machine learning. A day is one COPY, which reads the day's partition only;
/// memory does not grow with it.
/// </summary>
public sealed class HistoryExport([FromKeyedServices(HistorySchema.Database)] NpgsqlDataSource database)
{
    private const int RowsPerReport = 10_000;
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The days of the request that have a partition, oldest first.</summary>
    public async Task<IReadOnlyList<ExportDay>> DaysAsync(ExportRequest request, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select p.day, (greatest(0, c.reltuples) / count(*) over (partition by c.oid))::bigint
            from history_partitions p join pg_class c on c.oid = coalesce(
              to_regclass('location_history_' || to_char(p.day, 'YYYYMMDD')), to_regclass('location_history_' || to_char(p.day, 'YYYYMM')))
            where p.day >= $1 and p.day < $2
            order by p.day
            """);
        command.Parameters.Add(new() { Value = DateOnly.FromDateTime(request.From) });
        command.Parameters.Add(new() { Value = DateOnly.FromDateTime(request.To.AddTicks(-1)).AddDays(1) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var days = new List<ExportDay>();
        while (await reader.ReadAsync(cancellationToken))
        {
            days.Add(new(reader.GetFieldValue<DateOnly>(0), reader.GetInt64(1)));
        }

        return days;
    }

    /// <summary>Exports these days and writes a description of the files, <c>manifest.json</c>. Answers the number of rows.</summary>
    /// <param name="request">What to export.</param>
    /// <param name="days">From <see cref="DaysAsync"/>.</param>
    /// <param name="progress">Called with the day and the number of its rows written so far.</param>
    /// <param name="cancellationToken">Stops the export; files of complete days remain.</param>
    public async Task<long> ExportAsync(
        ExportRequest request, IReadOnlyList<ExportDay> days, Action<DateOnly, long>? progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(request.Folder);
        var names = request.KeepIds ? Pseudonyms.None : Pseudonyms.Fresh();
        var files = new List<(string Name, long Rows)>();
        foreach (var (day, _) in days)
        {
            await using var file = await ExportFile.CreateAsync(request.Folder, day, request.Format);
            await ExportDayAsync(request, day, file, names, progress, cancellationToken);
            await file.CompleteAsync();
            progress?.Invoke(day, file.Rows);
            files.Add((file.Name, file.Rows));
        }

        await WriteManifestAsync(request, files, cancellationToken);
        return files.Sum(file => file.Rows);
    }

    private async Task ExportDayAsync(
        ExportRequest request, DateOnly day, ExportFile file, Pseudonyms names, Action<DateOnly, long>? progress, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (begin, end) = (day.ToDateTime(TimeOnly.MinValue), day.ToDateTime(TimeOnly.MinValue).AddDays(1));
        var (from, to) = (request.From > begin ? request.From : begin, request.To < end ? request.To : end);
        await using var rows = await connection.BeginBinaryExportAsync(
            $"""
            copy (select {CopyRows.Columns} from location_history
                  where recorded_at >= '{from:yyyy-MM-dd HH:mm:ss.fff}+00' and recorded_at < '{to:yyyy-MM-dd HH:mm:ss.fff}+00')
            to stdout (format binary)
            """,
            cancellationToken);
        while (rows.StartRow() != -1)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var point = Read(rows);
            await file.WriteAsync(names.Of(point.UserId), point);
            if (file.Rows % RowsPerReport == 0)
            {
                progress?.Invoke(day, file.Rows);
            }
        }
    }

    // Not asynchronous per value: the connection reads ahead in large blocks, and a day has billions of values.
    private static HistoryPoint Read(NpgsqlBinaryExporter rows)
    {
        var user = rows.Read<long>(NpgsqlDbType.Bigint);
        var recordedAt = HistoryTime.ToUnix(rows.Read<DateTime>(NpgsqlDbType.TimestampTz));
        var receivedAt = HistoryTime.ToUnix(rows.Read<DateTime>(NpgsqlDbType.TimestampTz));
        var location = new Location(rows.Read<int>(NpgsqlDbType.Integer), rows.Read<int>(NpgsqlDbType.Integer), recordedAt);
        if (!rows.IsNull)
        {
            return new(user, location, rows.Read<float>(NpgsqlDbType.Real), receivedAt);
        }

        rows.Skip();
        return new(user, location, float.NaN, receivedAt);
    }

    private static Task WriteManifestAsync(ExportRequest request, List<(string Name, long Rows)> files, CancellationToken cancellationToken)
    {
        var manifest = new
        {
            from = request.From,
            to = request.To,
            users = request.KeepIds ? "ids" : "pseudonyms of this export",
            columns = ExportFile.Columns(request.Format),
            files = files.Select(file => new { name = file.Name, rows = file.Rows }),
        };
        return File.WriteAllTextAsync(Path.Combine(request.Folder, "manifest.json"), JsonSerializer.Serialize(manifest, Readable), cancellationToken);
    }
}
