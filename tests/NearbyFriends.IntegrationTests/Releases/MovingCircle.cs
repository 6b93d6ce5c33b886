using System.Collections.Concurrent;
using NearbyFriends.Client;
using NearbyFriends.Client.Locations;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Releases;

/// <summary>Users who are friends of each other, each with a client that moves all the time, and what a release does to them.</summary>
internal sealed class MovingCircle : IAsyncDisposable
{
    private const double Latitude = 59.9139;
    private const double Longitude = 10.7522;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _mayWalk = new(1);
    private readonly TestUser[] _users;
    private readonly NearbyClient[] _clients;
    private readonly long[] _lastTimes;
    private Task _walking = Task.CompletedTask;
    private readonly ConcurrentQueue<string> _failures = new();
    private int _reconnects;

    private MovingCircle(TestUser[] users, Uri address)
    {
        _users = users;
        _lastTimes = new long[users.Length];
        _clients = [.. users.Select(user => new NearbyClient(new() { Gateway = address, AccessToken = (_, _) => ValueTask.FromResult(user.Token) }))];
        foreach (var client in _clients)
        {
            Observe(client);
        }
    }

    public int Count => _clients.Length;

    /// <summary>Sessions that ended and were opened anew.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>Attempts to connect that did not lead to a session, and sessions that ended without a close frame.</summary>
    public IEnumerable<string> Failures => _failures;

    /// <summary>Connects everybody and sets them walking.</summary>
    public static async Task<MovingCircle> StartAsync(NearbySystem system, Uri address, params string[] names)
    {
        var circle = new MovingCircle(await system.NewCircleAsync(names), address);
        foreach (var client in circle._clients)
        {
            await client.ConnectAsync(TestContext.Current.CancellationToken);
        }

        circle._walking = circle.WalkAsync();
        await circle.ExpectRightListsAsync();
        return circle;
    }

    /// <summary>Everybody stands still until each list shows where every friend was last; then all walk on.</summary>
    public async Task ExpectRightListsAsync()
    {
        await _mayWalk.WaitAsync(TestContext.Current.CancellationToken);
        await Eventually.True(() => Enumerable.Range(0, Count).All(HasRightList), "every list shows the last location of every friend");
        _mayWalk.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _walking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        _stop.Dispose();
        _mayWalk.Dispose();
    }

    private bool HasRightList(int user) => Enumerable.Range(0, Count).Where(friend => friend != user).All(friend =>
        _clients[user].List.Find(_users[friend].Number) is { } shown && shown.Time == _lastTimes[friend]);

    private void Observe(NearbyClient client)
    {
        var hasSession = false;
        client.Connected += (_, _) => hasSession = true;
        client.Reconnecting += (_, end) =>
        {
            if (hasSession)
            {
                Interlocked.Increment(ref _reconnects);
            }

            if (!hasSession || end.Cause is not null)
            {
                _failures.Enqueue($"{(hasSession ? "broken" : "no session")}: {end.CloseCode} {end.Cause}");
            }

            hasSession = false;
        };
    }

    private async Task WalkAsync()
    {
        for (var step = 0; ; step++)
        {
            await _mayWalk.WaitAsync(_stop.Token);
            foreach (var (user, client) in _clients.Index())
            {
                var time = Math.Max(client.Now, _lastTimes[user] + 1);
                await client.SendAsync(new Location(Latitude + (1e-5 * (step % 100)), Longitude, time), _stop.Token);
                _lastTimes[user] = time;
            }

            _mayWalk.Release();
            await Task.Delay(Pause, _stop.Token);
        }
    }
}
