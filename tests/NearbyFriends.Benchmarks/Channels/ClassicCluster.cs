using System.Globalization;
using NearbyFriends.Core.Fanout;
using NearbyFriends.Core.Locations;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary>A Redis Cluster of three masters, and how many bytes a message costs it.</summary>
/// <remarks>
/// Linux counts what a process reads and writes, sockets included, in <c>/proc/PID/io</c>; Redis itself counts its
/// clients' bytes alone, not those of the cluster bus, on which masters send each PUBLISH to each other.
/// </remarks>
internal sealed class ClassicCluster : IAsyncDisposable
{
    private const int Slots = 16_384;
    private const int Channels = 256;
    private const int AtOnce = 200;

    private readonly List<RedisServer> _masters = [];
    private readonly List<string> _io = [];

    /// <summary>Starts the masters and waits until each knows that the cluster is whole.</summary>
    public static async Task<ClassicCluster> StartAsync()
    {
        var cluster = new ClassicCluster();
        string? password = null; // of the first; clients know one for all
        for (var i = 0; i < 3; i++)
        {
            cluster._masters.Add(await RedisServer.StartAsync(password, "--cluster-enabled", "yes"));
            password = cluster._masters[0].Password;
        }

        foreach (var (master, i) in cluster._masters.Select((master, i) => (master, i)))
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(master.ConnectionString + ",allowAdmin=true");
            var server = redis.GetServers()[0];
            var last = cluster._masters.Count - 1;
            await server.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Slots * i / 3, (Slots * (i + 1) / 3) - 1);
            await server.ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", cluster._masters[last].Port);
            var info = (string)(await server.ExecuteAsync("INFO", "server"))!;
            var process = info.Split("process_id:")[1].Split('\r')[0];
            cluster._io.Add($"/proc/{process}/io");
        }

        foreach (var master in cluster._masters)
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(master.ConnectionString + ",allowAdmin=true");
            await Eventually.True(
                async () => ((string)(await redis.GetServers()[0].ExecuteAsync("CLUSTER", "INFO"))!).Contains("cluster_state:ok", StringComparison.Ordinal),
                "the cluster is whole");
        }

        return cluster;
    }

    /// <summary>Bytes that all masters together read and write for one frame of one update with one subscriber.</summary>
    /// <param name="command"><c>PUBLISH</c> or <c>SPUBLISH</c>.</param>
    /// <param name="messages">How many to send.</param>
    public async Task<double> BytesPerMessageAsync(string command, int messages)
    {
        var addresses = string.Join(',', _masters.Select(master => $"127.0.0.1:{master.Port}"));
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{addresses},password={_masters[0].Password}");
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
        builder.Add(FrameEntry.Moved(1, 1, new Location(375_000_000, 1_269_000_000, 1), 0), default);
        var frame = builder.Take(sentAt: 0);
        var before = Bytes();
        foreach (var part in Enumerable.Range(0, messages).Chunk(AtOnce))
        {
            await Task.WhenAll(part.Select(i => subscriber.PublishAsync(channels[i % Channels], frame)));
        }

        await Eventually.True(() => heard >= messages, "every message arrives");
        return (Bytes() - before) / (double)messages;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var master in _masters)
        {
            await master.DisposeAsync();
        }
    }

    private long Bytes() => _io.Sum(path => File.ReadLines(path)
        .Where(line => line.StartsWith("rchar:", StringComparison.Ordinal) || line.StartsWith("wchar:", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)));
}
