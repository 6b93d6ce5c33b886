using System.Globalization;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary>How many bytes a message costs a Redis Cluster of three masters with a replica each.</summary>
/// <remarks>
/// Linux counts what a process reads and writes, sockets included, in <c>/proc/PID/io</c>; Redis itself counts its
/// clients' bytes alone, not those of the cluster bus, on which a node sends each PUBLISH to all others, and each SPUBLISH
/// to the nodes of its shard.
/// </remarks>
internal sealed class ClassicCluster : IAsyncDisposable
{
    private const int Channels = 256;
    private const int AtOnce = 200;

    private readonly RedisCluster _cluster;
    private readonly List<string> _io = [];

    private ClassicCluster(RedisCluster cluster) => _cluster = cluster;

    public static async Task<ClassicCluster> StartAsync()
    {
        var classic = new ClassicCluster(await RedisCluster.StartAsync());
        foreach (var node in classic._cluster.Nodes)
        {
            var info = await node.CommandAsync("INFO server");
            classic._io.Add($"/proc/{info.Split("process_id:")[1].Split('\r', '\n')[0]}/io");
        }

        return classic;
    }

    /// <summary>Bytes that all nodes together read and write for one frame of one update with one subscriber.</summary>
    /// <param name="command"><c>PUBLISH</c> or <c>SPUBLISH</c>.</param>
    /// <param name="messages">How many to send.</param>
    public async Task<double> BytesPerMessageAsync(string command, int messages)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_cluster.ConnectionString);
        var subscriber = redis.GetSubscriber();
        var channels = Enumerable.Range(0, Channels)
            .Select(i => command == "SPUBLISH" ? RedisChannel.Sharded($"classic:u{i}") : RedisChannel.Literal($"classic:u{i}"))
            .ToArray();
        var heard = 0;
        foreach (var channel in channels)
        {
            await subscriber.SubscribeAsync(channel, (_, _) => Interlocked.Increment(ref heard));
        }

        var builder = new FrameBuilder();
        builder.TryAdd(FrameEntry.Moved(1, 1, new Location(375_000_000, 1_269_000_000, 1), 0), default);
        var frame = builder.Take(sentAt: 0);
        var before = Bytes();
        foreach (var part in Enumerable.Range(0, messages).Chunk(AtOnce))
        {
            await Task.WhenAll(part.Select(i => subscriber.PublishAsync(channels[i % Channels], frame)));
        }

        await Eventually.True(() => heard >= messages, "every message arrives");
        return (Bytes() - before) / (double)messages;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private long Bytes() => _io.Sum(path => File.ReadLines(path)
        .Where(line => line.StartsWith("rchar:", StringComparison.Ordinal) || line.StartsWith("wchar:", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)));
}
