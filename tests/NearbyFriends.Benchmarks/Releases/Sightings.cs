using System.Diagnostics;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.Client.Lists;

namespace NearbyFriends.Benchmarks.Releases;

/// <summary>Who sent what and when, and when each friend saw it or something newer, in an update or in a new list.</summary>
internal sealed class Sightings
{
    private readonly Crowd _crowd;
    private readonly Walkers _walkers;
    private readonly List<(long Time, long At)>[] _sent;
    private readonly Dictionary<int, List<(long Time, long At)>>[] _seen;

    public Sightings(Crowd crowd, Walkers walkers)
    {
        (_crowd, _walkers) = (crowd, walkers);
        _sent = [.. Enumerable.Range(0, crowd.Count).Select(_ => new List<(long, long)>())];
        _seen = [.. Enumerable.Range(0, crowd.Count).Select(user => crowd.FriendsOf(user).ToDictionary(friend => friend, _ => new List<(long, long)>()))];
        walkers.Sending = Sending;
        foreach (var (user, client) in walkers.Clients.Index())
        {
            client.ListChanged += (_, change) => See(user, change.Kind == ListChangeKind.Replaced ? client.List.Friends : [change.Friend]);
        }
    }

    /// <summary>Updates, times the friends who had neither seen them nor a newer one of that user when <paramref name="within"/> had passed; and of how many.</summary>
    public (long Lost, long Of) Lost(TimeSpan within)
    {
        var (lost, of, ticks) = (0L, 0L, (long)(within.TotalSeconds * Stopwatch.Frequency));
        for (var user = 0; user < _crowd.Count; user++)
        {
            (long Time, long At)[] sent;
            lock (_sent[user])
            {
                sent = [.. _sent[user]];
            }

            foreach (var watcher in _crowd.FriendsOf(user))
            {
                lock (_seen[watcher])
                {
                    var seen = _seen[watcher][user];
                    lost += sent.LongCount(update => !seen.Exists(sight => sight.Time >= update.Time && sight.At <= update.At + ticks));
                    of += sent.Length;
                }
            }
        }

        return (lost, of);
    }

    /// <summary>Lists that lack a friend, or do not show where one was last.</summary>
    public int WrongLists() => Enumerable.Range(0, _crowd.Count).Count(user => _crowd.FriendsOf(user).Any(friend =>
        _walkers.Clients[user].List.Find(Crowd.IdOf(friend)) is not { } shown || shown.Time != LastOf(friend)));

    private long LastOf(int user)
    {
        lock (_sent[user])
        {
            return _sent[user].Count == 0 ? 0 : _sent[user][^1].Time;
        }
    }

    private void Sending(int user, long time)
    {
        lock (_sent[user])
        {
            _sent[user].Add((time, Stopwatch.GetTimestamp()));
        }
    }

    private void See(int watcher, IReadOnlyList<NearbyFriend> friends)
    {
        lock (_seen[watcher])
        {
            foreach (var friend in friends)
            {
                _seen[watcher][Crowd.UserOf(friend.Id)].Add((friend.Time, Stopwatch.GetTimestamp()));
            }
        }
    }
}
