using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>
/// Stores a batch whatever it takes: waits for a database that is away, goes the safe way after any doubt, and finds
/// the entries that the database refuses, so that they hold up nothing else.
/// </summary>
public sealed class BatchStore(
    HistoryStore store, HistoryPartitions partitions, HistoryWorkerMetrics metrics, TimeProvider clock, ILogger<BatchStore> log)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Why the batch in hand cannot be stored at the moment; null while all is well.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Returns when all points are stored that can be; the batch then names those that cannot. Answers how many points it stored.</summary>
    public async Task<int> StoreAsync(StreamBatch batch, CancellationToken stopping)
    {
        var start = clock.GetTimestamp();
        RejectWhatIsAhead(batch);
        var (points, rows) = await StoreWithRetriesAsync(batch, stopping);
        metrics.Stored(points, rows, clock.GetElapsedTime(start));
        metrics.DeadLetters(batch.DeadLetters.Count);
        foreach (var (entry, reason) in batch.DeadLetters)
        {
            log.LogError("Entry {Entry} of stream {Stream} cannot be stored: {Reason}", entry.Id, entry.Stream, reason);
        }

        return points;
    }

    /// <summary>A pause between attempts: exponential, with jitter.</summary>
    public static TimeSpan Pause(int attempt)
    {
        var longest = Math.Min(LongestPause.TotalMilliseconds, ShortestPause.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 16)));
        return ShortestPause + TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * longest);
    }

    // Nobody can have been there: the gateways let nothing through that is more than a minute ahead.
    private void RejectWhatIsAhead(StreamBatch batch)
    {
        var ahead = new PointBuffer();
        batch.Points.MoveLaterThan(store.LastPlausibleTime, ahead);
        for (var points = ahead.Points; !points.IsEmpty;)
        {
            var count = Math.Min(points.Length, HistoryBatch.MaxPoints);
            var body = new byte[HistoryBatch.MaxBytes(count)];
            var length = HistoryBatch.Encode(points.Span[..count], body);
            batch.Reject(batch.Entries[0] with { Body = body.AsMemory(0, length) }, "time lies days ahead");
            points = points[count..];
        }
    }

    private async Task<(int Points, int Rows)> StoreWithRetriesAsync(StreamBatch batch, CancellationToken stopping)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var rows = await store.StoreAsync(batch.Points, batch.MayBeStored, stopping);
                NoteSuccess();
                return (batch.Points.Count, rows);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation && !batch.MayBeStored)
            {
                metrics.Retry("stored before");
            }
            catch (PostgresException exception) when (IsFaultOfPoints(exception))
            {
                metrics.Retry("refused");
                if (attempt > 1)
                {
                    return await StoreInPartsAsync(batch, exception, stopping);
                }

                // Perhaps another instance dropped a partition since this one looked.
                partitions.Forget();
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
            {
                NoteTrouble(exception);
                await Task.Delay(Pause(attempt), clock, stopping);
            }

            batch.MayBeStored = true;
        }
    }

    // Halves find the entry that the database refuses in a few transactions, while all others are stored.
    private async Task<(int Points, int Rows)> StoreInPartsAsync(StreamBatch batch, PostgresException refusal, CancellationToken stopping)
    {
        if (batch.Entries.Count == 1)
        {
            batch.Reject(batch.Entries[0], $"refused by the database: {refusal.SqlState} {refusal.MessageText}");
            return (0, 0);
        }

        var (points, rows) = (0, 0);
        var middle = batch.Entries.Count / 2;
        foreach (var range in new[] { ..middle, middle.. })
        {
            var part = batch.Part(range);
            part.Points.MoveLaterThan(store.LastPlausibleTime, new PointBuffer());
            var (partPoints, partRows) = await StoreWithRetriesAsync(part, stopping);
            batch.RejectAll(part.DeadLetters);
            (points, rows) = (points + partPoints, rows + partRows);
        }

        return (points, rows);
    }

    // Class 22: a value that the column cannot take; class 23: a constraint, such as that a partition must exist.
    private static bool IsFaultOfPoints(PostgresException exception) =>
        exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal);

    private void NoteSuccess()
    {
        if (Trouble is not null)
        {
            log.LogInformation("The history database takes points again");
            Trouble = null;
        }
    }

    private void NoteTrouble(Exception exception)
    {
        metrics.Retry("database away");
        if (Trouble is null)
        {
            log.LogWarning(exception, "The history database takes no points; they wait in the stream");
        }

        Trouble = exception.Message;
    }
}
