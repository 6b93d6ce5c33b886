using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.History;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.History;

/// <summary>The gateway's end of the history: collects points into batches and appends them to the history streams.</summary>
/// <remarks>
/// Location sharing never waits for history. A point goes into a ring in memory, one per stream; a loop of its own
/// sends what the rings hold every <see cref="HistoryAppenderOptions.BatchWindow"/>, full batches at once. While the
/// stream server is unavailable, or full (it runs with <c>noeviction</c>, so that it answers OOM), the loop repeats with
/// growing pauses and the rings fill; what no longer fits is dropped, oldest first, and counted. An append whose
/// answer is lost is repeated: a batch may arrive twice, and the worker stores its points once.
/// </remarks>
public sealed partial class HistoryAppender : BackgroundService
{
    private const int MaxEntriesInFlight = 64;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(5);

    private readonly IConnectionMultiplexer _redis;
    private readonly TimeSpan _window;
    private readonly TimeProvider _clock;
    private readonly ILogger<HistoryAppender> _log;
    private readonly HistoryRing[] _rings;
    private readonly SemaphoreSlim _batchFull = new(0, 1);
    private readonly Counter<long> _appended;
    private readonly Counter<long> _dropped;

    // Of the loop alone: encoded batches that are not known to be in the stream.
    private readonly List<Entry> _unsent = new(MaxEntriesInFlight);
    private readonly List<Task> _sending = new(MaxEntriesInFlight);
    private readonly HistoryPoint[] _batch = new HistoryPoint[HistoryBatch.MaxPoints];
    private readonly byte[] _encoded = new byte[HistoryBatch.MaxBytes(HistoryBatch.MaxPoints)];
    private int _unsentPoints;
    private int _isLastFlush;
    private int _nextRing;
    private int _failures;

    public HistoryAppender(
        [FromKeyedServices(HistoryStreams.Server)] IConnectionMultiplexer redis,
        IOptions<HistoryAppenderOptions> options,
        TimeProvider clock,
        IMeterFactory meters,
        ILogger<HistoryAppender> log)
    {
        (_redis, _clock, _log) = (redis, clock, log);
        _window = options.Value.BatchWindow;
        _rings = new HistoryRing[HistoryStreams.Count];
        for (var i = 0; i < _rings.Length; i++)
        {
            _rings[i] = new(options.Value.BufferedPoints / HistoryStreams.Count);
        }

        var meter = meters.Create("NearbyFriends.History");
        _appended = meter.CreateCounter<long>("nearbyfriends.history.appended", "{point}", "Points appended to the history streams.");
        _dropped = meter.CreateCounter<long>("nearbyfriends.history.dropped", "{point}", "Points lost: the stream server was unavailable or full for too long.");
        meter.CreateObservableGauge("nearbyfriends.history.buffered", () => Buffered, "{point}", "Points in memory, not yet in a stream.");
    }

    /// <summary>Points in memory, not yet in a stream.</summary>
    public int Buffered => _rings.Sum(ring => ring.Count) + Volatile.Read(ref _unsentPoints);

    /// <summary>
    /// Queues one point; never waits, never throws. While the stream is unavailable and the bounded buffer is full, the
    /// oldest point is dropped and counted. Thread-safe.
    /// </summary>
    public void Append(in HistoryPoint point)
    {
        var (waiting, droppedOldest) = _rings[HistoryStreams.Of(point.UserId)].Add(point);
        if (droppedOldest)
        {
            _dropped.Add(1);
        }
        else if (waiting % HistoryBatch.MaxPoints == 0 && _batchFull.CurrentCount == 0)
        {
            WakeLoop();
        }
    }

    /// <summary>Stops the loop, then sends what is left, for at most five seconds.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (Interlocked.Exchange(ref _isLastFlush, 1) != 0)
        {
            return; // stopped from two sides; one of them sends the rest
        }

        var until = _clock.GetTimestamp();
        while (Buffered > 0 && _clock.GetElapsedTime(until) < LastFlush && !cancellationToken.IsCancellationRequested)
        {
            if (!await SendAsync(wholeBatchesOnly: false))
            {
                await Task.Delay(ShortestPause, _clock, CancellationToken.None);
            }
        }

        if (Buffered is > 0 and var lost)
        {
            _dropped.Add(lost);
            LogLost(lost);
        }
    }

    public override void Dispose()
    {
        _batchFull.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var windowStart = _clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var left = _window - _clock.GetElapsedTime(windowStart);
                var woken = left > TimeSpan.Zero && await _batchFull.WaitAsync(left, stoppingToken);
                if (!woken)
                {
                    windowStart = _clock.GetTimestamp();
                }

                if (!await SendAsync(wholeBatchesOnly: woken))
                {
                    await Task.Delay(Pause(), _clock, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Sends what waits, in rounds of at most 64 entries; answers false once a round failed.</summary>
    private async Task<bool> SendAsync(bool wholeBatchesOnly)
    {
        do
        {
            if (_failures == 0)
            {
                Collect(wholeBatchesOnly);
            }

            if (_unsent.Count == 0)
            {
                _failures = 0;
                return true;
            }

            await SendRoundAsync();
        }
        while (_unsent.Count == 0);

        return false;
    }

    private void Collect(bool wholeBatchesOnly)
    {
        // Each round continues where the last one stopped, so that no stream starves.
        for (var rest = _rings.Length; rest > 0 && _unsent.Count < MaxEntriesInFlight; rest--)
        {
            var stream = _nextRing++ % _rings.Length;
            var ring = _rings[stream];
            while (_unsent.Count < MaxEntriesInFlight && ring.Count >= (wholeBatchesOnly ? HistoryBatch.MaxPoints : 1))
            {
                // Counted before it leaves the ring: who reads Buffered meanwhile may see too much, never too little.
                var count = Math.Min(ring.Count, HistoryBatch.MaxPoints);
                Volatile.Write(ref _unsentPoints, _unsentPoints + count);
                ring.Take(_batch.AsSpan(0, count));
                var length = HistoryBatch.Encode(_batch.AsSpan(0, count), _encoded);
                _unsent.Add(new(stream, count, _encoded.AsSpan(0, length).ToArray()));
            }
        }
    }

    private async Task SendRoundAsync()
    {
        var database = _redis.GetDatabase();
        foreach (var entry in _unsent)
        {
            _sending.Add(AppendAsync(entry.Stream, entry.Batch));
        }

        // A closed connection throws at once instead of failing the task; this makes one of the other.
        async Task<RedisValue> AppendAsync(int stream, RedisValue batch) =>
            await database.StreamAddAsync(HistoryStreams.Key(stream), HistoryStreams.BatchField, batch);

        Exception? failure = null;
        for (var i = 0; i < _sending.Count; i++)
        {
            try
            {
                await _sending[i];
                _appended.Add(_unsent[i].Points);
                Volatile.Write(ref _unsentPoints, _unsentPoints - _unsent[i].Points);
                _unsent[i] = default;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
            {
                failure = exception;
            }
        }

        _sending.Clear();
        _unsent.RemoveAll(entry => entry.Points == 0);
        Report(failure);
    }

    private void Report(Exception? failure)
    {
        if (failure is null)
        {
            if (_failures > 0)
            {
                LogAccepted(Buffered);
            }

            _failures = 0;
        }
        else if (_failures++ == 0)
        {
            LogRefused(failure);
        }
    }

    // Exponential with full jitter, so that gateways which lost the server together do not come back together.
    private TimeSpan Pause() => ShortestPause + (Random.Shared.NextDouble() * ExponentialBackoff.Step(ShortestPause, LongestPause, _failures));

    private void WakeLoop()
    {
        try
        {
            _batchFull.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread woke it in the same moment.
        }
        catch (ObjectDisposedException)
        {
            // The gateway is stopping.
        }
    }

    private readonly record struct Entry(int Stream, int Points, byte[] Batch);

    [LoggerMessage(LogLevel.Error, "Stopped with {Points} points that the history stream did not accept; they are lost")]
    private partial void LogLost(long points);

    [LoggerMessage(LogLevel.Information, "The history stream accepts points again; {Points} are buffered")]
    private partial void LogAccepted(long points);

    [LoggerMessage(LogLevel.Warning, "The history stream accepts no points; they are buffered in memory")]
    private partial void LogRefused(Exception failure);
}
