namespace NearbyFriends.Tools;

/// <summary>
/// Counts latencies in buckets that grow by 2 %, from 0.1 ms to some minutes: any percentile within 1 %, in constant
/// memory, however long it runs. Safe to use from many threads.
/// </summary>
/// <remarks>
/// The HdrHistogram package does more than is needed here; its recorder for many threads swaps whole histograms, and its form for
/// another process is a compressed base64 text where this one is an array of counts.
/// </remarks>
public sealed class LatencyHistogram
{
    private const double Smallest = 0.1;
    private const double Growth = 1.02;

    private readonly long[] _buckets = new long[800];

    /// <summary>How many lie in each bucket: what another process needs to count on.</summary>
    public long[] Buckets => [.. _buckets];

    /// <summary>How many were recorded.</summary>
    public long Count => _buckets.Sum();

    /// <summary>A histogram with the <see cref="Buckets"/> of others; empty when there are none.</summary>
    public static LatencyHistogram Of(ReadOnlySpan<long> buckets)
    {
        var histogram = new LatencyHistogram();
        buckets.CopyTo(histogram._buckets);
        return histogram;
    }

    /// <param name="milliseconds">What is below 0.1 ms counts as 0.1 ms, what is above the last bucket as the last.</param>
    public void Record(double milliseconds)
    {
        var bucket = (int)(Math.Log(Math.Max(milliseconds, Smallest) / Smallest) / Math.Log(Growth));
        Interlocked.Increment(ref _buckets[Math.Min(bucket, _buckets.Length - 1)]);
    }

    /// <summary>Milliseconds below which this share (0 to 1) lies; null when nothing was recorded.</summary>
    public double? Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        var seen = 0L;
        for (var i = 0; i < _buckets.Length && wanted > 0; i++)
        {
            seen += Interlocked.Read(ref _buckets[i]);
            if (seen >= wanted)
            {
                return Smallest * Math.Pow(Growth, i + 0.5); // the middle of the bucket
            }
        }

        return null;
    }
}
