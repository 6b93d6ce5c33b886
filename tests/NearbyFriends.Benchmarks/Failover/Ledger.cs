using System.Diagnostics;
using NearbyFriends.Benchmarks.Crowds;

namespace NearbyFriends.Benchmarks.Failover;

/// <summary>Who sent what and when, and who received it: the truth by which losses and duplicates are counted.</summary>
/// <remarks>
/// Clients send so rarely, and gateways push so readily, that every update reaches every friend as an entry of its own
/// before the next one of that user leaves: what a friend did not receive by itself was lost, even if a newer one came.
/// Users move less than the metre at which a watcher is told all distances anew, so an entry that comes twice is a duplicate.
/// </remarks>
internal sealed class Ledger
{
    private readonly Crowd _crowd;
    private readonly List<(long Time, long At)>[] _sent;
    private readonly HashSet<(int Friend, long Time)>[] _received;
    private long _duplicates;

    public Ledger(Crowd crowd, Walkers walkers)
    {
        _crowd = crowd;
        _sent = [.. Enumerable.Range(0, crowd.Count).Select(_ => new List<(long, long)>())];
        _received = [.. Enumerable.Range(0, crowd.Count).Select(_ => new HashSet<(int, long)>())];
        walkers.Sending = Sending;
        foreach (var (user, client) in walkers.Clients.Index())
        {
            client.FriendMoved += (_, moved) => Receive(user, Crowd.UserOf(moved.Friend.Id), moved.Friend.Time);
        }
    }

    /// <summary>Entries that a client received a second time.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>The time of a user's last location; 0 before the first.</summary>
    public long LastOf(int user)
    {
        lock (_sent[user])
        {
            return _sent[user].Count == 0 ? 0 : _sent[user][^1].Time;
        }
    }

    /// <summary>Updates sent in a span of time (by the stopwatch), times the friends who should receive them.</summary>
    public long Expected(long from, long to)
    {
        var updates = 0L;
        foreach (var sent in _sent)
        {
            lock (sent)
            {
                updates += sent.Count(update => update.At >= from && update.At < to);
            }
        }

        return updates * _crowd.FriendCount;
    }

    /// <summary>Those of <see cref="Expected"/> that were never received.</summary>
    public long Lost(long from, long to) => LostTimes(from, to).LongCount();

    /// <summary>From a moment on, how long until the last update that somebody did not receive; zero if everybody received all.</summary>
    public TimeSpan LastLostAfter(long from, long to) =>
        LostTimes(from, to).DefaultIfEmpty(from).Max() is var last ? Stopwatch.GetElapsedTime(from, last) : default;

    private IEnumerable<long> LostTimes(long from, long to)
    {
        for (var user = 0; user < _crowd.Count; user++)
        {
            (long Time, long At)[] sent;
            lock (_sent[user])
            {
                sent = [.. _sent[user].Where(update => update.At >= from && update.At < to)];
            }

            foreach (var watcher in _crowd.FriendsOf(user))
            {
                lock (_received[watcher])
                {
                    foreach (var (time, at) in sent)
                    {
                        if (!_received[watcher].Contains((user, time)))
                        {
                            yield return at;
                        }
                    }
                }
            }
        }
    }

    private void Sending(int user, long time)
    {
        lock (_sent[user])
        {
            _sent[user].Add((time, Stopwatch.GetTimestamp()));
        }
    }

    private void Receive(int watcher, int friend, long time)
    {
        lock (_received[watcher])
        {
            if (!_received[watcher].Add((friend, time)))
            {
                Interlocked.Increment(ref _duplicates);
            }
        }
    }
}
