using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>Users who move all the time, each on one of the processes, watched by all of them.</summary>
public sealed class Traffic : IAsyncDisposable
{
    private const int Users = 64; // of whom several share each partition
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly RingNode[] _nodes;
    private readonly List<(long User, long Time)> _sent = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _moving = Task.CompletedTask;
    private long _rounds;

    private Traffic(RingNode[] nodes) => _nodes = nodes;

    public static async Task<Traffic> StartAsync(params RingNode[] nodes)
    {
        var traffic = new Traffic(nodes);
        foreach (var node in nodes)
        {
            await node.WatchAsync(Users);
        }

        traffic._moving = Task.Run(traffic.MoveAsync);
        return traffic;
    }

    /// <summary>Lets everybody move for a while.</summary>
    public async Task FlowAsync()
    {
        var before = Volatile.Read(ref _rounds);
        await Eventually.True(() => Volatile.Read(ref _rounds) >= before + 20, "users move");
    }

    /// <summary>Lets everybody move until all hear of all again.</summary>
    public Task FlowsAgainAsync() => Eventually.True(
        async () =>
        {
            var round = Volatile.Read(ref _rounds) + 1;
            await FlowAsync();
            return _nodes.All(node => Enumerable.Range(1, Users).All(user => node.Heard.ContainsKey((user, round))));
        },
        "each hears of everybody again");

    /// <summary>Stops, and awaits that every update was heard by every process.</summary>
    public async Task ExpectNothingLostAsync()
    {
        await StopAsync();
        foreach (var node in _nodes)
        {
            await Eventually.True(
                () => _sent.TrueForAll(node.Heard.ContainsKey),
                $"all {_sent.Count} updates are heard by {node.State.Process.Id}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _moving;
    }

    private async Task MoveAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var round = Volatile.Read(ref _rounds) + 1;
            for (var user = 1; user <= Users; user++)
            {
                _nodes[user % _nodes.Length].Publish(user, round);
                _sent.Add((user, round));
            }

            Volatile.Write(ref _rounds, round);
            await Task.Delay(Pause);
        }
    }
}
