using NearbyFriends.History;
using StackExchange.Redis;

namespace NearbyFriends.Benchmarks.Chaos;

/// <summary>
/// Reads the history streams beside the workers and tells the model what the server has taken. What a worker stores and removes
/// between two looks is not seen, and was stored.
/// </summary>
internal sealed class StreamWitness : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource _end = new();
    private readonly ConnectionMultiplexer _redis;
    private readonly HistoryModel _model;
    private readonly Task _reading;

    private StreamWitness(ConnectionMultiplexer redis, HistoryModel model)
    {
        (_redis, _model) = (redis, model);
        _reading = Task.Run(ReadAsync);
    }

    public static async Task<StreamWitness> StartAsync(string connectionString, HistoryModel model) =>
        new(await ConnectionMultiplexer.ConnectAsync(connectionString), model);

    /// <summary>Entries that no worker has settled.</summary>
    public async Task<long> EntriesAsync() =>
        (await Task.WhenAll(HistoryStreams.All.Select(stream => _redis.GetDatabase().StreamLengthAsync(HistoryStreams.Key(stream))))).Sum();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        await _redis.DisposeAsync();
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        var positions = HistoryStreams.All.ToDictionary(HistoryStreams.Key, _ => (RedisValue)"0-0", StringComparer.Ordinal);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                foreach (var stream in await _redis.GetDatabase().StreamReadAsync([.. positions.Select(at => new StreamPosition(at.Key, at.Value))]))
                {
                    foreach (var entry in stream.Entries)
                    {
                        Tell((byte[])entry[HistoryStreams.BatchField]!);
                        positions[stream.Key!] = entry.Id;
                    }
                }
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                // The server is down; the next look tells.
            }

            await Task.Delay(Look, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Tell(byte[] batch)
    {
        var points = new HistoryPoint[HistoryBatch.MaxPointsIn(batch.Length)];
        _ = HistoryBatch.Decode(batch, points, out var count);
        foreach (var point in points.AsSpan(0, count))
        {
            _model.Accepted(point.UserId, point.Location.Time);
        }
    }
}
