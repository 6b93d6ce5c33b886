using NearbyFriends.Gateway.Watching;
using NearbyFriends.UnitTests.Sessions;

namespace NearbyFriends.UnitTests.Watching;

public sealed class WatchIndexTests
{
    private readonly LoneGateway _gateway = new();

    private WatchIndex Index => _gateway.Index;

    [Fact]
    public void Whoever_comes_and_goes_the_index_knows_the_watchers_of_each_user()
    {
        const int Users = 300;
        var random = new Random(5);
        var sessions = Enumerable.Range(1, 5).Select(i => _gateway.Open(1_000_000 + i, [])).ToArray();
        var handles = new Dictionary<(long User, Watcher Watcher), int>();
        for (var step = 0; step < 50_000; step++)
        {
            long user = random.Next(Users);
            var watcher = new Watcher(sessions[random.Next(sessions.Length)], random.Next(3));
            if (handles.Remove((user, watcher), out var handle))
            {
                Assert.Equal(user, Index.UserOf(handle));
                Index.Unwatch(handle, watcher.Session, watcher.Friend);
            }
            else
            {
                handles.Add((user, watcher), Index.Watch(user, watcher.Session, watcher.Friend));
            }

            if (step % 50 == 0)
            {
                user = random.Next(Users);
                var expected = handles.Keys.Where(key => key.User == user).Select(key => key.Watcher);
                Assert.Equal(expected.OrderBy(w => (w.Session.Number, w.Friend)), (Index.Find(user)?.Watchers ?? []).OrderBy(w => (w.Session.Number, w.Friend)));
            }
        }

        Assert.Equal(handles.Keys.Select(key => key.User).Distinct().Count() + sessions.Length, Index.Count);
        Assert.All(handles, entry => Assert.Contains(entry.Key.Watcher, Index.Find(entry.Key.User)!.Watchers));
    }

    [Fact]
    public async Task Who_is_watched_all_the_time_is_found_all_the_time()
    {
        const int Users = 5_000;
        var session = _gateway.Open(1_000_000, []);
        for (long user = 0; user < Users; user += 2)
        {
            Index.Watch(user, session, (int)user);
        }

        using var stop = new CancellationTokenSource();
        var churn = Enumerable.Range(0, 2).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            for (var round = 0; !stop.IsCancellationRequested; round++)
            {
                long user = (random.Next(Users / 4) * 4) + 1 + (thread * 2); // odd, and no other thread's
                Index.Unwatch(Index.Watch(user + (round * 100_000L), session, 0), session, 0);
            }
        })).ToArray();

        for (var round = 0; round < 100; round++)
        {
            for (long user = 0; user < Users; user += 2)
            {
                Assert.Equal([new Watcher(session, (int)user)], Index.Find(user)!.Watchers);
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(churn);
        Assert.Equal((Users / 2) + 1, Index.Count);
    }
}
