using System.Text.Json;
using System.Xml;
using NearbyFriends.Core;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>What to import.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">Null to recognise it.</param>
/// <param name="UserId">Whose record it is; null for a file that names its users.</param>
public sealed record ImportRequest(string Path, ImportFormat? Format = null, long? UserId = null);

/// <summary>How far an import has come.</summary>
/// <param name="Bytes">Read of the file.</param>
/// <param name="Points">Read of the file, without those that were skipped.</param>
/// <param name="Rows">New in the history; the other points were stored before, are of the same user and time as another, or were erased.</param>
public readonly record struct ImportProgress(long Bytes, long Points, long Rows);

/// <summary>What came of an import.</summary>
/// <param name="Points">Read of the file, without those that were skipped.</param>
/// <param name="Rows">New in the history.</param>
/// <param name="Expired">Of the points, those of days that <c>History:Retention</c> does not keep: such days are kept nevertheless.</param>
/// <param name="Skipped">How many points cannot be locations, by reason.</param>
public readonly record struct ImportResult(long Points, long Rows, long Expired, IReadOnlyDictionary<SkipReason, long> Skipped);

/// <summary>
/// Loads files into the history. Partitions that it has to make for them are kept forever; days that exist already
/// keep their retention. Importing a file again adds nothing.
/// </summary>
/// <remarks>
/// Chunks are copied straight into the table while the next one is parsed. The first with a row that exists
/// already is merged instead, and so are the following ones until all rows of a chunk are new.
/// </remarks>
public sealed class HistoryImport(HistoryStore store, HistoryPartitions partitions, TimeProvider clock)
{
    private const int ChunkRows = 100_000;

    /// <summary>Imports one file.</summary>
    /// <exception cref="FormatException">The file is malformed, or whose it is does not fit its format; the chunks before are stored.</exception>
    /// <exception cref="NpgsqlException">The database is unavailable; the chunks before that are stored.</exception>
    public async Task<ImportResult> ImportAsync(ImportRequest request, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            using var file = new ImportFile(request.Path, request.Format);
            return await ImportAsync(file, request.UserId, progress, cancellationToken);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or XmlException or InvalidDataException)
        {
            throw new FormatException($"{Path.GetFileName(request.Path)}: {exception.Message}", exception);
        }
    }

    private async Task<ImportResult> ImportAsync(ImportFile file, long? userId, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var check = new TrackCheck(userId ?? 0, clock.UnixMilliseconds());
        using var each = PointsOf(file, userId, check).GetEnumerator();
        var (filling, storing) = (new PointBuffer(), new PointBuffer());
        var (points, rows, expired) = (0L, 0L, 0L);
        var merge = false;
        var stored = Task.FromResult(0);
        try
        {
            bool more;
            do
            {
                expired += Fill(filling, each);
                more = filling.Count == ChunkRows;
                rows += await stored;
                points += filling.Count;
                progress?.Report(new(file.Position, points, rows));
                (filling, storing) = (storing, filling);
                stored = Task.Run(() => StoreAsync(storing), cancellationToken);
            }
            while (more);
            return new(points, rows + await stored, expired, check.Skipped);
        }
        finally
        {
            // What follows a chunk may be malformed, and the chunk is stored all the same.
            await ((Task)stored).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<int> StoreAsync(PointBuffer chunk)
        {
            chunk.SortAndRemoveDuplicates();
            await partitions.RefreshAsync(cancellationToken);
            await partitions.EnsureKeptAsync(chunk.Days(), store.FirstKeptDay, cancellationToken);
            try
            {
                var added = await store.StoreAsync(chunk, merge, cancellationToken);
                merge = added < chunk.Count;
                return added;
            }
            catch (PostgresException exception) when (StoreFailures.Of(exception) == StoreFailure.StoredBefore)
            {
                merge = true;
                return await store.StoreAsync(chunk, mayBeStored: true, cancellationToken);
            }
        }
    }

    // Answers how many of the points are older than retention keeps.
    private int Fill(PointBuffer chunk, IEnumerator<HistoryPoint> each)
    {
        var firstKept = HistoryTime.ToUnix(store.FirstKeptDay.ToDateTime(TimeOnly.MinValue));
        var expired = 0;
        chunk.Clear();
        while (chunk.Count < ChunkRows && each.MoveNext())
        {
            chunk.Add(each.Current);
            expired += each.Current.Location.Time < firstKept ? 1 : 0;
        }

        return expired;
    }

    private IEnumerable<HistoryPoint> PointsOf(ImportFile file, long? userId, TrackCheck check) => (file.Format, userId) switch
    {
        (ImportFormat.Csv, null) => MoverRows.Read(file.Content, clock.UnixMilliseconds()),
        (ImportFormat.Csv, _) => throw new FormatException("the file names its users; import it without --user."),
        (_, null) => throw new FormatException("the file does not say whose record it is; name the user with --user."),
        (ImportFormat.Gpx, _) => check.Check(GpxTrack.Read(file.Content)),
        _ => check.Check(GoogleTimeline.Read(file.Content)),
    };
}
