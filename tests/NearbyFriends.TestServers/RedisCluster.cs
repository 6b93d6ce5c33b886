using System.Globalization;
using System.Security.Cryptography;

namespace NearbyFriends.TestServers;

/// <summary>
/// A real Redis Cluster: three masters and a replica of each, on free ports, with one password.
/// </summary>
/// <example><code>await using var cluster = await RedisCluster.StartAsync();</code></example>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;
    private const int Slots = 16_384;

    private static readonly TimeSpan DefaultNodeTimeout = TimeSpan.FromSeconds(15); // Redis's own: a busy machine is not taken for a dead master

    private readonly List<RedisServer> _nodes = [];
    private readonly string _password = RandomNumberGenerator.GetHexString(24, lowercase: true);

    private RedisCluster()
    {
    }

    /// <summary>A node timeout for who kills masters: a replica takes over some four seconds later.</summary>
    public static TimeSpan ShortNodeTimeout { get; } = TimeSpan.FromSeconds(3);

    /// <summary>All nodes, as StackExchange.Redis takes it: any that answers tells of the others.</summary>
    public string ConnectionString => $"{string.Join(',', _nodes.Select(node => $"127.0.0.1:{node.Port}"))},password={_password},allowAdmin=true";

    /// <summary>Every node; the first three began as masters.</summary>
    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <summary>Starts the nodes, makes them a cluster and waits until every slot is served and every replica is in step.</summary>
    /// <param name="nodeTimeout"><c>cluster-node-timeout</c>: after so long a master that does not answer is replaced; 15 s if not given.</param>
    /// <exception cref="InvalidOperationException">redis-server is not installed; the message says how to get it.</exception>
    public static async Task<RedisCluster> StartAsync(TimeSpan? nodeTimeout = null)
    {
        var cluster = new RedisCluster();
        try
        {
            await cluster.JoinAsync(nodeTimeout ?? DefaultNodeTimeout);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The node that serves a slot, as a living node sees it.</summary>
    /// <param name="slot">0 to 16,383.</param>
    public async Task<RedisServer> MasterOfAsync(int slot)
    {
        foreach (var node in await LivingAsync())
        {
            var line = (await ViewAsync(node)).First(line => line.IsMaster && line.Serves(slot));
            return _nodes.Single(other => other.Port == line.Port);
        }

        throw new InvalidOperationException("No node of the cluster lives.");
    }

    /// <summary>Takes the master of a slot away at once (SIGKILL); returns it.</summary>
    public async Task<RedisServer> KillMasterAsync(int slot)
    {
        var master = await MasterOfAsync(slot);
        await master.KillAsync();
        return master;
    }

    /// <summary>Gives a slot, empty of keys, to another master; returns when all living nodes know.</summary>
    public async Task MoveSlotAsync(int slot)
    {
        var from = await MasterOfAsync(slot);
        var lines = await ViewAsync(from);
        var (source, target) = (lines.First(line => line.Port == from.Port), lines.First(line => line.IsMaster && line.Port != from.Port));
        var to = _nodes.Single(node => node.Port == target.Port);
        await to.CommandAsync($"CLUSTER SETSLOT {slot} IMPORTING {source.Id}");
        await from.CommandAsync($"CLUSTER SETSLOT {slot} MIGRATING {target.Id}");
        await to.CommandAsync($"CLUSTER SETSLOT {slot} NODE {target.Id}");
        await from.CommandAsync($"CLUSTER SETSLOT {slot} NODE {target.Id}");
        await Eventually.True(
            async () => (await Task.WhenAll((await LivingAsync()).Select(ViewAsync)))
                .All(view => view.Any(line => line.Port == target.Port && line.Serves(slot))),
            $"all nodes know who serves slot {slot}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task JoinAsync(TimeSpan nodeTimeout)
    {
        for (var i = 0; i < 2 * Masters; i++)
        {
            _nodes.Add(await RedisServer.StartAsync(
                _password,
                "--cluster-enabled", "yes", "--cluster-port", Number(FreePort.Choose()), "--cluster-node-timeout", $"{nodeTimeout.TotalMilliseconds:0}",
                "--cluster-require-full-coverage", "no", "--cluster-announce-ip", "127.0.0.1", "--masterauth", _password,
                "--repl-diskless-sync-delay", "0"));
        }

        var ids = new List<string>();
        foreach (var (index, node) in _nodes.Index())
        {
            ids.Add(await node.CommandAsync("CLUSTER MYID"));
            await node.CommandAsync($"CLUSTER SET-CONFIG-EPOCH {index + 1}");
            if (index < Masters)
            {
                await node.CommandAsync($"CLUSTER ADDSLOTSRANGE {Slots * index / Masters} {(Slots * (index + 1) / Masters) - 1}");
            }
        }

        foreach (var node in _nodes.Skip(1))
        {
            await node.CommandAsync($"CLUSTER MEET 127.0.0.1 {_nodes[0].Port} {await BusPortAsync(_nodes[0])}");
        }

        await Eventually.True(async () => await AllSeeAsync(view => view.Count == _nodes.Count), "all nodes know each other");
        for (var i = 0; i < Masters; i++)
        {
            await _nodes[Masters + i].CommandAsync($"CLUSTER REPLICATE {ids[i]}");
        }

        await Eventually.True(
            async () => await AllSeeAsync(view => view.Count(line => !line.IsMaster) == Masters && view.Sum(line => line.SlotCount) == Slots)
                && (await Task.WhenAll(_nodes.Select(node => node.CommandAsync("CLUSTER INFO")))).All(info => info.Contains("cluster_state:ok", StringComparison.Ordinal))
                && (await Task.WhenAll(_nodes.Skip(Masters).Select(node => node.CommandAsync("INFO replication"))))
                    .All(info => info.Contains("master_link_status:up", StringComparison.Ordinal)),
            "the cluster is whole",
            TimeSpan.FromSeconds(60));
    }

    private async Task<bool> AllSeeAsync(Predicate<IReadOnlyList<Node>> whole) =>
        (await Task.WhenAll(_nodes.Select(ViewAsync))).All(view => whole(view));

    private async Task<IReadOnlyList<RedisServer>> LivingAsync()
    {
        var living = new List<RedisServer>();
        foreach (var node in _nodes.Where(node => node.IsRunning))
        {
            if ((await node.CommandAsync("CLUSTER INFO")).Contains("cluster_state:ok", StringComparison.Ordinal))
            {
                living.Add(node);
            }
        }

        return living;
    }

    private static async Task<string> BusPortAsync(RedisServer node) =>
        (await node.CommandAsync("CONFIG GET cluster-port")).Split('\n')[^1].Trim();

    private static async Task<IReadOnlyList<Node>> ViewAsync(RedisServer node) =>
        [.. (await node.CommandAsync("CLUSTER NODES")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Node.Parse)];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A line of CLUSTER NODES.</summary>
    private sealed record Node(string Id, int Port, bool IsMaster, IReadOnlyList<(int First, int Last)> Ranges)
    {
        public int SlotCount => Ranges.Sum(range => range.Last - range.First + 1);

        public bool Serves(int slot) => Ranges.Any(range => slot >= range.First && slot <= range.Last);

        // <id> <ip:port@busport[,hostname]> <flags> <master> <ping> <pong> <epoch> <link> <slot or range or [migration]> ...
        public static Node Parse(string line)
        {
            var words = line.Trim().Split(' ');
            var port = words[1][(words[1].IndexOf(':', StringComparison.Ordinal) + 1)..words[1].IndexOf('@', StringComparison.Ordinal)];
            var ranges = words[8..].Where(word => word[0] != '[').Select(word => word.Split('-')).Select(range => (int.Parse(range[0]), int.Parse(range[^1])));
            var flags = words[2].Split(',');
            return new(words[0], int.Parse(port), flags.Contains("master") && !flags.Contains("fail"), [.. ranges]);
        }
    }
}
