using System.Diagnostics;
using NearbyFriends.Client;

namespace NearbyFriends.Benchmarks.Releases;

/// <summary>What became of the connections of clients that were all connected when this began.</summary>
internal sealed class ConnectionLog
{
    private readonly Lock _gate = new();
    private readonly List<long> _begun = [];
    private readonly List<long> _opened = [];
    private int _failedConnects;
    private int _broken;

    public ConnectionLog(IEnumerable<NearbyClient> clients)
    {
        foreach (var client in clients)
        {
            Observe(client);
        }
    }

    /// <summary>Attempts to connect that did not lead to a session.</summary>
    public int FailedConnects => Volatile.Read(ref _failedConnects);

    /// <summary>Sessions that ended without a close frame.</summary>
    public int Broken => Volatile.Read(ref _broken);

    /// <summary>Sessions opened anew.</summary>
    public int Reconnects
    {
        get
        {
            lock (_gate)
            {
                return _opened.Count;
            }
        }
    }

    /// <summary>The most clients that began to connect within any second: what a drain can bound.</summary>
    public int MostBegunWithinASecond() => MostWithinASecond(_begun);

    /// <summary>The most sessions that were opened anew within any second: more, where a gateway kept clients waiting.</summary>
    public int MostOpenedWithinASecond() => MostWithinASecond(_opened);

    private int MostWithinASecond(List<long> moments)
    {
        long[] ordered;
        lock (_gate)
        {
            ordered = [.. moments.Order()];
        }

        var (most, first) = (0, 0);
        for (var last = 0; last < ordered.Length; last++)
        {
            while (ordered[last] - ordered[first] >= Stopwatch.Frequency)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private void Observe(NearbyClient client)
    {
        var hasSession = true;
        client.Connected += (_, _) =>
        {
            hasSession = true;
            lock (_gate)
            {
                _opened.Add(Stopwatch.GetTimestamp());
            }
        };
        client.Reconnecting += (_, end) =>
        {
            lock (_gate)
            {
                _begun.Add(Stopwatch.GetTimestamp() + (long)(end.Delay.TotalSeconds * Stopwatch.Frequency));
            }

            if (!hasSession)
            {
                Interlocked.Increment(ref _failedConnects);
            }
            else if (end.Cause is not null)
            {
                Interlocked.Increment(ref _broken);
            }

            hasSession = false;
        };
    }
}
