namespace NearbyFriends.Gateway.Telemetry;

/// <summary>What a gateway did in the last seconds.</summary>
/// <param name="UpdatesPerSecond">Locations accepted from clients, 1/s.</param>
/// <param name="DeliveriesPerSecond">Friend updates that went into outboxes, 1/s.</param>
/// <param name="OutboxP50Ms">Median from an update's receipt to the outboxes of its watchers, milliseconds.</param>
/// <param name="OutboxP99Ms">The same that 1 of 100 frames exceeds.</param>
/// <param name="P50Ms">Median from an update's receipt to the socket that took it, milliseconds; the sessions' pace is in it.</param>
/// <param name="P99Ms">The same that 1 of 100 messages exceeds.</param>
public readonly record struct Figures(
    double UpdatesPerSecond, double DeliveriesPerSecond, double OutboxP50Ms, double OutboxP99Ms, double P50Ms, double P99Ms);

/// <summary>
/// What this gateway does at the moment, for operators who have no metrics server at hand: rates and latencies of the
/// last <see cref="Slices"/> turns.
/// </summary>
/// <remarks>The hot path pays one interlocked addition for a frame and one for a message, never one for a watcher.</remarks>
public sealed class LiveFigures(TimeProvider clock)
{
    /// <summary>Turns that the figures look back on.</summary>
    public const int Slices = 10;

    private readonly RecentLatencies _toOutbox = new(Slices);
    private readonly RecentLatencies _toSocket = new(Slices);
    private readonly Slice[] _slices = [.. Enumerable.Range(0, Slices).Select(_ => new Slice())];
    private long _updates;
    private long _deliveries;
    private long _lastTurn = clock.GetTimestamp();
    private int _turn;

    /// <summary>Counts locations accepted from a client.</summary>
    public void Accepted(int updates) => Interlocked.Add(ref _updates, updates);

    /// <summary>Counts friend updates that went into outboxes.</summary>
    public void Delivered(int updates) => Interlocked.Add(ref _deliveries, updates);

    /// <summary>Counts a frame whose oldest update was received <paramref name="seconds"/> before it was in the outboxes.</summary>
    public void Queued(double seconds) => _toOutbox.Record(seconds);

    /// <summary>Counts a message whose oldest update was received <paramref name="seconds"/> before a socket took it.</summary>
    public void Sent(double seconds) => _toSocket.Record(seconds);

    /// <summary>Ends a slice of time, and says what the last ones were like. For one caller.</summary>
    public Figures Turn()
    {
        var now = clock.GetTimestamp();
        var slice = _slices[_turn++ % Slices];
        slice.Time = clock.GetElapsedTime(_lastTurn, now);
        _lastTurn = now;
        slice.Updates = Interlocked.Exchange(ref _updates, 0);
        slice.Deliveries = Interlocked.Exchange(ref _deliveries, 0);
        _toOutbox.Turn();
        _toSocket.Turn();

        var seconds = Math.Max(0.001, _slices.Sum(s => s.Time.TotalSeconds));
        return new(
            Math.Round(_slices.Sum(s => s.Updates) / seconds, 1),
            Math.Round(_slices.Sum(s => s.Deliveries) / seconds, 1),
            _toOutbox.PercentileMs(0.50),
            _toOutbox.PercentileMs(0.99),
            _toSocket.PercentileMs(0.50),
            _toSocket.PercentileMs(0.99));
    }

    private sealed class Slice
    {
        public TimeSpan Time { get; set; }

        public long Updates { get; set; }

        public long Deliveries { get; set; }
    }
}
