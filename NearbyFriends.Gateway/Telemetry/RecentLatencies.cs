using System.Numerics;

namespace NearbyFriends.Gateway.Telemetry;

/// <summary>Latencies of the last slices of time, for their percentiles.</summary>
/// <remarks>
/// They are counted in 384 buckets, 16 for each power of two, so that a percentile is at most 6 % off. Recording is one interlocked
/// addition. Source of the buckets: HdrHistogram (hdrhistogram.org).
/// </remarks>
/// <param name="slices">Slices of time that the percentiles look back on.</param>
internal sealed class RecentLatencies(int slices)
{
    private const int SubBucketBits = 4;
    private const int Buckets = 384;
    private const long LongestMicroseconds = (1L << 27) - 1;

    private readonly long[] _current = new long[Buckets];
    private readonly long[][] _slices = [.. Enumerable.Range(0, slices).Select(_ => new long[Buckets])];
    private int _turn;

    /// <summary>Counts a latency; longer ones than 134 s count as that.</summary>
    public void Record(double seconds) => Interlocked.Increment(ref _current[BucketOf((long)(seconds * 1e6))]);

    /// <summary>Ends a slice of time, and forgets the oldest. For one caller.</summary>
    public void Turn()
    {
        var slice = _slices[_turn++ % slices];
        for (var i = 0; i < Buckets; i++)
        {
            slice[i] = Interlocked.Exchange(ref _current[i], 0);
        }
    }

    /// <summary>The latency that a share of all in the slices does not exceed, milliseconds; 0 when there were none. For the caller of <see cref="Turn"/>.</summary>
    /// <param name="share">0 to 1.</param>
    public double PercentileMs(double share)
    {
        var left = (long)Math.Ceiling(share * _slices.Sum(slice => slice.Sum()));
        for (var bucket = 0; bucket < Buckets && left > 0; bucket++)
        {
            left -= _slices.Sum(slice => slice[bucket]);
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
}
