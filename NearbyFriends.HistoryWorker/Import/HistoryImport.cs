using NearbyFriends.Core;
using NearbyFriends.HistoryWorker.Storing;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>How far an import has come.</summary>
/// <param name="Bytes">Read of the file.</param>
/// <param name="Points">Read of the file.</param>
/// <param name="Rows">New in the history; the other points were stored before.</param>
public readonly record struct ImportProgress(long Bytes, long Points, long Rows);

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
    /// <exception cref="FormatException">A line is malformed; the chunks before it are stored.</exception>
    /// <exception cref="NpgsqlException">The database is unavailable; the chunks before that are stored.</exception>
    public async Task<ImportProgress> ImportAsync(string path, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        using var file = new MoverFile(path, clock.UnixMilliseconds());
        var (filling, storing) = (new PointBuffer(), new PointBuffer());
        var (points, rows) = (0L, 0L);
        var merge = false;
        var stored = Task.FromResult(0);
        bool more;
        do
        {
            filling.Clear();
            more = file.Read(filling, ChunkRows);
            rows += await stored;
            points += filling.Count;
            progress?.Report(new(file.Position, points, rows));
            (filling, storing) = (storing, filling);
            stored = Task.Run(() => StoreAsync(storing), cancellationToken);
        }
        while (more);
        return new(file.Length, points, rows + await stored);

        async Task<int> StoreAsync(PointBuffer chunk)
        {
            chunk.SortAndRemoveDuplicates();
            await partitions.RefreshAsync(cancellationToken);
            await partitions.EnsureAsync(chunk.Days(), keep: true, cancellationToken);
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
}
