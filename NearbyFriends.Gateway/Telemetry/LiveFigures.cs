using System.Numerics;

namespace NearbyFriends.Gateway.Telemetry;

/// <summary>What a gateway did in the last seconds.</summary>
public readonly record struct Figures(double UpdatesPerSecond, double DeliveriesPerSecond, double P50Ms, double P99Ms);

/// <summary>
/// What this gateway does at the moment, for operators who have no metrics server at hand: rates and latencies of the
/// last <see cref="Slices"/> turns.
/// </summary>
/// <remarks>
/// The hot path pays one interlocked addition for a frame's entry and one for a message, never one for a watcher.
/// Latencies are counted in 384 buckets, 16 for each power of two, so that a percentile is at most 6 % off.
/// Source of the buckets: HdrHistogram (hdrhistogram.org).
/// </remarks>
public sealed class LiveFigures(TimeProvider clock)
{
    /// <summary>Turns that the figures look back on.</summary>
    public const int Slices = 10;

    private const int SubBucketBits = 4;
    private const int Buckets = 384;
    private const long LongestMicroseconds = (1L << 27) - 1;

    private readonly long[] _latencies = new long[Buckets];
    private readonly Slice[] _slices = [.. Enumerable.Range(0, Slices).Select(_ => new Slice())];
    private long _updates;
    private long _deliveries;
    private long _lastTurn = clock.GetTimestamp();
    private int _turn;

    /// <summary>Counts locations accepted from a client.</summary>
    public void Accepted(int updates) => Interlocked.Add(ref _updates, updates);

    /// <summary>Counts friend updates that went into outboxes.</summary>
    public void Delivered(int updates) => Interlocked.Add(ref _deliveries, updates);

    /// <summary>Counts a message whose oldest update was received <paramref name="seconds"/> before a socket took it.</summary>
    public void Sent(double seconds) => Interlocked.Increment(ref _latencies[BucketOf((long)(seconds * 1e6))]);

    /// <summary>Ends a slice of time, and says what the last ones were like. For one caller.</summary>
    public Figures Turn()
    {
        var now = clock.GetTimestamp();
        var slice = _slices[_turn++ % Slices];
        slice.Time = clock.GetElapsedTime(_lastTurn, now);
        _lastTurn = now;
        slice.Updates = Interlocked.Exchange(ref _updates, 0);
        slice.Deliveries = Interlocked.Exchange(ref _deliveries, 0);
        for (var i = 0; i < Buckets; i++)
        {
            slice.Latencies[i] = Interlocked.Exchange(ref _latencies[i], 0);
        }

        var seconds = Math.Max(0.001, _slices.Sum(s => s.Time.TotalSeconds));
        return new(
            Math.Round(_slices.Sum(s => s.Updates) / seconds, 1),
            Math.Round(_slices.Sum(s => s.Deliveries) / seconds, 1),
            PercentileMs(0.50),
            PercentileMs(0.99));
    }

    private double PercentileMs(double share)
    {
        var left = (long)Math.Ceiling(share * _slices.Sum(s => s.Latencies.Sum()));
        for (var bucket = 0; bucket < Buckets && left > 0; bucket++)
        {
            left -= _slices.Sum(s => s.Latencies[bucket]);
            if (left <= 0)
            {
                return Math.Round(UpperMicroseconds(bucket) / 1e3, 1);
            }
        }

        return 0;
    }

    private static int BucketOf(long microseconds)
    {
        var value = Math.Clamp(microseconds, 0, LongestMicroseconds);
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBucketBits);
        return (shift << SubBucketBits) + (int)(value >> shift);
    }

    private static long UpperMicroseconds(int bucket)
    {
        var shift = Math.Max(0, (bucket >> SubBucketBits) - 1);
        return ((long)(bucket - (shift << SubBucketBits) + 1) << shift) - 1;
    }

    private sealed class Slice
    {
        public TimeSpan Time { get; set; }

        public long Updates { get; set; }

        public long Deliveries { get; set; }

        public long[] Latencies { get; } = new long[Buckets];
    }
}
