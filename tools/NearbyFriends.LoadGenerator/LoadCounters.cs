using NearbyFriends.Tools;

namespace NearbyFriends.LoadGenerator;

/// <summary>What the connections of one process count.</summary>
internal sealed class LoadCounters
{
    private long _sent;
    private long _late;
    private long _received;
    private long _messages;
    private long _bytes;
    private long _ended;
    private LatencyHistogram _latency = new();
    private LatencyHistogram _connects = new();

    public void CountSent() => Interlocked.Increment(ref _sent);

    public void CountLate() => Interlocked.Increment(ref _late);

    public void CountEnded() => Interlocked.Increment(ref _ended);

    public void CountConnect(TimeSpan took) => _connects.Record(took.TotalMilliseconds);

    public void CountMessage(int bytes)
    {
        Interlocked.Increment(ref _messages);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void CountUpdate(double milliseconds)
    {
        Interlocked.Increment(ref _received);
        _latency.Record(milliseconds);
    }

    /// <summary>What was counted since the last time it was taken.</summary>
    public LoadSnapshot Take(int connected, string? trouble)
    {
        var (latency, connects) = (Interlocked.Exchange(ref _latency, new()), Interlocked.Exchange(ref _connects, new()));
        return new(
            connected, Taken(ref _sent), Taken(ref _late), Taken(ref _received), Taken(ref _messages), Taken(ref _bytes), Taken(ref _ended),
            latency.Buckets, connects.Buckets, trouble);
    }

    private static long Taken(ref long counter) => Interlocked.Exchange(ref counter, 0);
}
