using System.Collections.Concurrent;
using NearbyFriends.History;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>
/// Reads some of the instance's streams, stores what they hold, acknowledges it, and begins again: one batch, one
/// transaction, one Postgres connection at a time.
/// </summary>
/// <remarks>
/// Batches adapt. Under low load the lane looks every 5 ms and stores the little that came, pausing as long as storing
/// took, up to 50 ms; with nothing to do its pauses grow to 50 ms. Under high load there is no pause, and batches grow
/// until storing one takes about a second. A failure never loses an entry: it stays pending in the group until its
/// transaction is committed. When it is unknown what was committed or acknowledged, the lane takes over the pending entries
/// and merges them, which skips rows that are stored already.
/// </remarks>
public sealed partial class StreamLane(
    StreamGroup group, BatchStore store, HistoryStreamMetrics metrics, int maxBatchRows, TimeProvider clock, ILogger<StreamLane> log)
{
    private const int SmallestTarget = 1024;
    private const int MaxEntriesPerRead = 1024;
    private const int MostPointsOfEntry = HistoryBatch.MaxPoints;

    private static readonly RedisValue Beginning = "0-0";
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan QuickStore = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan SlowStore = TimeSpan.FromMilliseconds(1500);

    // What the coordinator assigned; applied between two batches.
    private readonly ConcurrentDictionary<int, byte> _assigned = new();
    private readonly ConcurrentQueue<int> _released = new();

    // Used by the loop alone: the streams that it reads, and where it continues to claim pending entries (null: done).
    private readonly SortedDictionary<int, RedisValue?> _streams = [];
    private readonly StreamBatch _batch = new();
    private int _targetRows = Math.Min(8192, maxBatchRows);
    private double _pointsPerEntry = MostPointsOfEntry;
    private TimeSpan _pause = ShortestPause;
    private bool _groupLost;
    private int _failures;

    /// <summary>Why the current batch cannot be stored at the moment; null if it can.</summary>
    public string? Trouble => store.Trouble;

    /// <summary>Adds a stream whose lease the instance got.</summary>
    public void Assign(int stream) => _assigned[stream] = 0;

    /// <summary>Removes a stream; once the lane no longer reads it, <see cref="TryTakeReleased"/> returns it.</summary>
    public void Unassign(int stream) => _assigned.TryRemove(stream, out _);

    /// <summary>A stream that the lane no longer reads.</summary>
    public bool TryTakeReleased(out int stream) => _released.TryDequeue(out stream);

    /// <summary>Works until cancelled; the batch that is being stored is then rolled back, and its entries stay pending.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_groupLost)
                {
                    await group.CreateAsync();
                    _groupLost = false;
                }

                ApplyAssignments();
                _batch.Clear();
                var more = _streams.Count > 0 && await ReadAsync();
                if (_batch.Entries.Count > 0)
                {
                    await StoreAsync(cancellationToken);
                    await group.SettleAsync(_batch);
                }

                _failures = 0;
                if (!more)
                {
                    await Task.Delay(_pause, clock, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                await RecoverAsync(exception, cancellationToken);
            }
        }
    }

    private void ApplyAssignments()
    {
        foreach (var stream in _streams.Keys.Where(stream => !_assigned.ContainsKey(stream)).ToList())
        {
            _streams.Remove(stream);
            _released.Enqueue(stream);
        }

        foreach (var stream in _assigned.Keys.Where(stream => !_streams.ContainsKey(stream)))
        {
            _streams.Add(stream, Beginning);
        }
    }

    /// <summary>Fills the batch; answers whether there is more to read at once.</summary>
    private async Task<bool> ReadAsync()
    {
        foreach (var (stream, from) in _streams)
        {
            if (from is { } position)
            {
                _batch.MayBeStored = true;
                _streams[stream] = await group.ClaimAsync(stream, position, Math.Max(1, _targetRows / MostPointsOfEntry), _batch);
                return true;
            }
        }

        bool more;
        do
        {
            var before = _batch.Entries.Count;
            more = await group.ReadAsync([.. _streams.Keys], EntriesPerStream(), _batch);
            NotePointsPerEntry(before);
        }
        while (more && _batch.Points.Count < _targetRows);

        if (_batch.Entries.Count == 0)
        {
            _pause = Min(_pause * 2, LongestPause);
        }

        return more;
    }

    // As many entries as fill the target, going by what entries held lately; never so many that a sudden change of
    // their size would overrun memory.
    private int EntriesPerStream()
    {
        var wanted = (_targetRows - _batch.Points.Count) / _pointsPerEntry / _streams.Count;
        var safe = 4.0 * _targetRows / MostPointsOfEntry / _streams.Count;
        return (int)Math.Clamp(Math.Min(wanted, safe), 1, MaxEntriesPerRead);
    }

    private void NotePointsPerEntry(int entriesBefore)
    {
        if (_batch.Entries.Count is var entries && entries > entriesBefore)
        {
            _pointsPerEntry = (0.8 * _pointsPerEntry) + (0.2 * Math.Max(1.0, (double)_batch.Points.Count / entries));
        }
    }

    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var points = await store.StoreAsync(_batch, cancellationToken);
        var took = clock.GetElapsedTime(start);
        _pause = took < ShortestPause ? ShortestPause : Min(took, LongestPause);
        if (points >= _targetRows && took < QuickStore)
        {
            _targetRows = Math.Min(maxBatchRows, _targetRows * 2);
        }
        else if (took > SlowStore)
        {
            _targetRows = Math.Max(Math.Min(SmallestTarget, maxBatchRows), _targetRows / 2);
        }
    }

    private async Task RecoverAsync(Exception exception, CancellationToken cancellationToken)
    {
        metrics.Retry("stream unavailable");
        if (_failures++ == 0)
        {
            LogUnreadable(exception);
        }

        _groupLost = exception.Message.StartsWith("NOGROUP", StringComparison.Ordinal);
        foreach (var stream in _streams.Keys.ToList())
        {
            _streams[stream] = Beginning;
        }

        await Task.Delay(BatchStore.Pause(_failures), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(LogLevel.Warning, "The history stream cannot be read")]
    private partial void LogUnreadable(Exception failure);
}
