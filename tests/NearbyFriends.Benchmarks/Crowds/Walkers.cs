using System.Diagnostics;
using NearbyFriends.Client;
using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Locations;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Crowds;

/// <summary>The clients of a <see cref="Crowd"/>, connected to gateways in turn and moving until disposed of.</summary>
internal sealed class Walkers : IAsyncDisposable
{
    private const int ConnectAtOnce = 25;

    private readonly Crowd _crowd;
    private readonly TimeSpan _interval;
    private readonly double[] _phases;
    private readonly int[] _steps;
    private readonly Thread _pacing;
    private readonly ManualResetEventSlim _walking = new(false);
    private volatile bool _isStopped;
    private long _sent;
    private long _reconnects;

    private Walkers(Crowd crowd, IReadOnlyList<Uri> gateways, TimeSpan interval, TimeSpan? flush)
    {
        var random = new Random(2);
        (_crowd, _interval) = (crowd, interval);
        _phases = [.. Enumerable.Range(0, crowd.Count).Select(_ => random.NextDouble())];
        _steps = new int[crowd.Count];
        Clients = [.. Enumerable.Range(0, crowd.Count).Select(user => crowd.ClientOf(user, gateways[user % gateways.Count], flush))];
        foreach (var client in Clients)
        {
            client.Reconnecting += (_, _) => Interlocked.Increment(ref _reconnects);
        }

        _pacing = new Thread(Pace) { IsBackground = true, Name = "Walkers" };
    }

    /// <summary>By user.</summary>
    public IReadOnlyList<NearbyClient> Clients { get; }

    /// <summary>Called before each location leaves, with its user and time.</summary>
    public Action<int, long> Sending { get; set; } = static (_, _) => { };

    /// <summary>Locations sent so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Connections lost so far.</summary>
    public long Reconnects => Interlocked.Read(ref _reconnects);

    /// <summary>Connects all clients and lets each send its first location; nobody walks yet.</summary>
    public static async Task<Walkers> ConnectAsync(Crowd crowd, IReadOnlyList<Uri> gateways, TimeSpan interval, TimeSpan? flush = null)
    {
        var walkers = new Walkers(crowd, gateways, interval, flush);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, crowd.Count), new ParallelOptions { MaxDegreeOfParallelism = ConnectAtOnce },
            async (user, cancellation) =>
            {
                await walkers.Clients[user].ConnectAsync(cancellation);
                await walkers.Clients[user].SendAsync(crowd.At(user, 0, walkers.Clients[user].Now), cancellation);
            });
        await Eventually.True(
            () => walkers.Clients.All(client => client.List.Friends.Count == crowd.FriendCount), "every client sees all its friends", TimeSpan.FromSeconds(60));
        walkers._pacing.Start();
        return walkers;
    }

    /// <summary>Everybody walks: one location an interval.</summary>
    public void Walk() => _walking.Set();

    /// <summary>Everybody stands still and sends nothing.</summary>
    public void Stand() => _walking.Reset();

    public async ValueTask DisposeAsync()
    {
        _isStopped = true;
        _walking.Set();
        if (_pacing.IsAlive)
        {
            _pacing.Join();
        }

        await Task.WhenAll(Clients.Select(client => client.DisposeAsync().AsTask()));
        _walking.Dispose();
    }

    private void Pace()
    {
        var order = Enumerable.Range(0, _crowd.Count).OrderBy(user => _phases[user]).ToArray();
        while (!_isStopped)
        {
            _walking.Wait();
            var start = Stopwatch.GetTimestamp();
            for (var round = 0; _walking.IsSet && !_isStopped; round++)
            {
                foreach (var user in order)
                {
                    var due = _interval * (round + _phases[user]);
                    for (var now = Stopwatch.GetElapsedTime(start); now < due && _walking.IsSet && !_isStopped; now = Stopwatch.GetElapsedTime(start))
                    {
                        Thread.Sleep(TimeSpan.FromMilliseconds(Math.Clamp((due - now).TotalMilliseconds, 1, 50)));
                    }

                    if (!_walking.IsSet || _isStopped)
                    {
                        break;
                    }

                    Send(user);
                }
            }
        }
    }

    private void Send(int user)
    {
        var time = Clients[user].Now;
        Sending(user, time);
        _ = SendAsync(Clients[user], _crowd.At(user, ++_steps[user], time));
        Interlocked.Increment(ref _sent);
    }

    // A client that lost its connection keeps the location; that it did is counted.
    private static async Task SendAsync(NearbyClient client, Location location)
    {
        try
        {
            await client.SendAsync(location);
        }
        catch (NearbyStoppedException)
        {
            // disposed of at the end of a run
        }
    }
}
