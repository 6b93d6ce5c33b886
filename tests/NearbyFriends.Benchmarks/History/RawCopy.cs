using System.Collections.Concurrent;
using System.Diagnostics;
using NearbyFriends.Core.Geo;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;

namespace NearbyFriends.Benchmarks.History;

/// <summary>
/// The yardstick: the transactions that a worker made, read back from the table (rows know their transaction and their
/// place), repeated as bare binary COPYs over as many connections.
/// </summary>
internal static class RawCopy
{
    /// <summary>The batches that the table was filled by, in their order, rows in theirs.</summary>
    public static async Task<List<HistoryPoint[]>> BatchesAsync(HistoryBench bench)
    {
        await using var command = bench.Database.CreateCommand(
            "select xmin::text::bigint, user_id, recorded_at, received_at, latitude, longitude, accuracy from location_history order by tableoid, ctid");
        await using var reader = await command.ExecuteReaderAsync();
        var batches = new Dictionary<long, List<HistoryPoint>>();
        var order = new List<List<HistoryPoint>>();
        while (await reader.ReadAsync())
        {
            if (!batches.TryGetValue(reader.GetInt64(0), out var batch))
            {
                batch = batches[reader.GetInt64(0)] = [];
                order.Add(batch);
            }

            var location = new Location(reader.GetInt32(4), reader.GetInt32(5), HistoryTime.ToUnix(reader.GetDateTime(2)));
            batch.Add(new(reader.GetInt64(1), location, reader.GetFloat(6), HistoryTime.ToUnix(reader.GetDateTime(3))));
        }

        return [.. order.Select(batch => batch.ToArray())];
    }

    /// <summary>How long copying them takes.</summary>
    public static async Task<TimeSpan> CopyAsync(HistoryBench bench, List<HistoryPoint[]> batches, int connections)
    {
        var queue = new ConcurrentQueue<HistoryPoint[]>(batches);
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            await using var connection = await bench.Database.OpenConnectionAsync();
            while (queue.TryDequeue(out var batch))
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await CopyRows.CopyAsync(connection, "location_history", batch, CancellationToken.None);
                await transaction.CommitAsync();
            }
        })));
        return Stopwatch.GetElapsedTime(start);
    }
}
