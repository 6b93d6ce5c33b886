using NearbyFriends.Core;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>
/// Stores a batch: retries while the database is unavailable, merges where rows may be stored already, and finds the
/// entries that the database refuses, so that they do not block the others.
/// </summary>
public sealed partial class BatchStore(
    HistoryStore store,
    HistoryPartitions partitions,
    HistoryStoreMetrics storeMetrics,
    HistoryStreamMetrics metrics,
    TimeProvider clock,
    ILogger<BatchStore> log)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Why the current batch cannot be stored at the moment; null if it can.</summary>
    public string? Trouble { get; private set; }

    /// <summary>
    /// Stores all points that can be stored, and adds the others to the dead letters of the batch. Answers how many points it
    /// stored.
    /// </summary>
    public async Task<int> StoreAsync(StreamBatch batch, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        RejectWhatIsAhead(batch);
        var (points, rows) = await StoreWithRetriesAsync(batch, cancellationToken);
        storeMetrics.Stored(points, rows, clock.GetElapsedTime(start));
        metrics.DeadLetters(batch.DeadLetters.Count);
        foreach (var (entry, reason) in batch.DeadLetters)
        {
            LogRejected(entry.Id, entry.Stream, reason);
        }

        return points;
    }

    /// <summary>A pause between attempts: exponential, with jitter.</summary>
    public static TimeSpan Pause(int attempt) =>
        ShortestPause + (Random.Shared.NextDouble() * ExponentialBackoff.Step(ShortestPause, LongestPause, attempt));

    // Gateways refuse times more than a minute ahead, so such a point is invalid.
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

    private async Task<(int Points, int Rows)> StoreWithRetriesAsync(StreamBatch batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var rows = await store.StoreAsync(batch.Points, batch.MayBeStored, cancellationToken);
                NoteSuccess();
                return (batch.Points.Count, rows);
            }
            catch (PostgresException exception) when (StoreFailures.Of(exception) == StoreFailure.StoredBefore && !batch.MayBeStored)
            {
                metrics.Retry("stored before");
            }
            catch (PostgresException exception) when (StoreFailures.Of(exception) != StoreFailure.Unavailable)
            {
                metrics.Retry("refused");
                if (attempt > 1)
                {
                    return await StoreInPartsAsync(batch, exception, cancellationToken);
                }

                // Another instance may have dropped a partition since the partitions were read.
                partitions.Forget();
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
            {
                NoteTrouble(exception);
                await Task.Delay(Pause(attempt), clock, cancellationToken);
            }

            batch.MayBeStored = true;
        }
    }

    // Halves find the entry that the database refuses in a few transactions, while all others are stored.
    private async Task<(int Points, int Rows)> StoreInPartsAsync(StreamBatch batch, PostgresException refusal, CancellationToken cancellationToken)
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
            var (partPoints, partRows) = await StoreWithRetriesAsync(part, cancellationToken);
            batch.RejectAll(part.DeadLetters);
            (points, rows) = (points + partPoints, rows + partRows);
        }

        return (points, rows);
    }

    private void NoteSuccess()
    {
        if (Trouble is not null)
        {
            LogAvailable();
            Trouble = null;
        }
    }

    private void NoteTrouble(Exception exception)
    {
        metrics.Retry("database unavailable");
        if (Trouble is null)
        {
            LogUnavailable(exception);
        }

        Trouble = exception.Message;
    }

    [LoggerMessage(LogLevel.Error, "Entry {Entry} of stream {Stream} cannot be stored: {Reason}")]
    private partial void LogRejected(RedisValue entry, int stream, string reason);

    [LoggerMessage(LogLevel.Information, "The history database is available again")]
    private partial void LogAvailable();

    [LoggerMessage(LogLevel.Warning, "The history database is unavailable; points wait in the stream")]
    private partial void LogUnavailable(Exception failure);
}
