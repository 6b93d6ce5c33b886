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
/// transaction is committed, and after any doubt about what was committed or acknowledged the lane takes over what is
/// pending and stores it the safe way.
/// </remarks>
public sealed class StreamLane(
    StreamGroup group, BatchStore store, HistoryWorkerMetrics metrics, int maxBatchRows, TimeProvider clock, ILogger<StreamLane> log)
{
    private const int SmallestTarget = 1024;
    private const int MaxEntriesPerRead = 1024;
    private const int MostPointsOfEntry = HistoryBatch.MaxPoints;

    private static readonly RedisValue Beginning = "0-0";
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan QuickStore = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan SlowStore = TimeSpan.FromMilliseconds(1500);

    // What the coordinator wants, taken up between two batches.
    private readonly ConcurrentDictionary<int, byte> _wanted = new();
    private readonly ConcurrentQueue<int> _givenUp = new();

    // Of the loop alone: the streams that it reads, and where taking over what is pending has got to (null: done).
    private readonly SortedDictionary<int, RedisValue?> _streams = [];
    private readonly StreamBatch _batch = new();
    private int _targetRows = Math.Min(8192, maxBatchRows);
    private double _pointsPerEntry = MostPointsOfEntry;
    private TimeSpan _pause = ShortestPause;
    private bool _groupLost;
    private int _failures;

    /// <summary>Points stored by the last transaction, zero before the first; for the health detail.</summary>
    public int LastBatch { get; private set; }

    /// <summary>Why the batch in hand cannot be stored at the moment; null while all is well.</summary>
    public string? Trouble => store.Trouble;

    /// <summary>Adds a stream whose lease the instance got.</summary>
    public void Want(int stream) => _wanted[stream] = 0;

    /// <summary>Asks the lane to finish with a stream; it turns up in <see cref="TryTakeGivenUp"/>.</summary>
    public void Unwant(int stream) => _wanted.TryRemove(stream, out _);

    /// <summary>A stream that the lane no longer reads.</summary>
    public bool TryTakeGivenUp(out int stream) => _givenUp.TryDequeue(out stream);

    /// <summary>Works until cancelled; the batch in hand is finished if the database takes it.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (_groupLost)
                {
                    await group.CreateAsync();
                    _groupLost = false;
                }

                TakeUpWishes();
                _batch.Clear();
                var more = _streams.Count > 0 && await ReadAsync();
                if (_batch.Entries.Count > 0)
                {
                    await StoreAsync(stopping);
                    await group.SettleAsync(_batch);
                }

                _failures = 0;
                if (!more)
                {
                    await Task.Delay(_pause, clock, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                await RecoverAsync(exception, stopping);
            }
        }
    }

    private void TakeUpWishes()
    {
        foreach (var stream in _streams.Keys.Where(stream => !_wanted.ContainsKey(stream)).ToList())
        {
            _streams.Remove(stream);
            _givenUp.Enqueue(stream);
        }

        foreach (var stream in _wanted.Keys.Where(stream => !_streams.ContainsKey(stream)))
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

    private async Task StoreAsync(CancellationToken stopping)
    {
        var start = clock.GetTimestamp();
        LastBatch = await store.StoreAsync(_batch, stopping);
        var took = clock.GetElapsedTime(start);
        _pause = took < ShortestPause ? ShortestPause : Min(took, LongestPause);
        if (LastBatch >= _targetRows && took < QuickStore)
        {
            _targetRows = Math.Min(maxBatchRows, _targetRows * 2);
        }
        else if (took > SlowStore)
        {
            _targetRows = Math.Max(Math.Min(SmallestTarget, maxBatchRows), _targetRows / 2);
        }
    }

    private async Task RecoverAsync(Exception exception, CancellationToken stopping)
    {
        metrics.Retry("stream away");
        if (_failures++ == 0)
        {
            log.LogWarning(exception, "The history stream cannot be read");
        }

        _groupLost = exception.Message.StartsWith("NOGROUP", StringComparison.Ordinal);
        foreach (var stream in _streams.Keys.ToList())
        {
            _streams[stream] = Beginning;
        }

        await Task.Delay(BatchStore.Pause(_failures), clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
