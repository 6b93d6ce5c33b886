using System.Diagnostics;
using NearbyFriends.Client;

namespace NearbyFriends.Benchmarks.Releases;

/// <summary>What became of the connections of clients that were all connected when this began.</summary>
internal sealed class ConnectionLog
{
    private readonly Lock _gate = new();
    private readonly List<long> _arrivals = [];
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
                return _arrivals.Count;
            }
        }
    }

    /// <summary>The most sessions that were opened anew within any second.</summary>
    public int MostWithinASecond()
    {
        long[] arrivals;
        lock (_gate)
        {
            arrivals = [.. _arrivals.Order()];
        }

        var (most, first) = (0, 0);
        for (var last = 0; last < arrivals.Length; last++)
        {
            while (arrivals[last] - arrivals[first] >= Stopwatch.Frequency)
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
                _arrivals.Add(Stopwatch.GetTimestamp());
            }
        };
        client.Reconnecting += (_, end) =>
        {
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
