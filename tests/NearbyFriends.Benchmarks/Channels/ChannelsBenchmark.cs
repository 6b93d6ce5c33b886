using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary><c>./nearby bench channels</c>: what an update costs on shared partitions, and on a channel for each user.</summary>
internal static class ChannelsBenchmark
{
    private const int Gateways = 4;
    private const int UpdatesPerSecond = 10_000;
    private const string PerUser = "PerUser";
    private const string Partitioned = "Partitioned(16)";

    public static async Task RunAsync(Report report, bool quick)
    {
        await UnitCostsAsync(report, users: quick ? 5_000 : 20_000, rounds: quick ? 3 : 5, TimeSpan.FromSeconds(quick ? 4 : 10));
        await ClassicClusterAsync(report, messages: quick ? 5_000 : 20_000);
        report.Write();
    }

    private static async Task UnitCostsAsync(Report report, int users, int rounds, TimeSpan duration)
    {
        var (perUser, partitioned) = (new List<UnitCost>(), new List<UnitCost>());
        for (var round = 1; round <= rounds; round++)
        {
            Report.Stage($"Round {round} of {rounds}: nothing, {PerUser}, {Partitioned}");
            var idle = await MeasureAsync(PerUser, users, duration, isIdle: true);
            perUser.Add(await MeasureAsync(PerUser, users, duration) - idle);
            partitioned.Add(await MeasureAsync(Partitioned, users, duration) - idle);
        }

        var rate = perUser.Concat(partitioned).Min(cost => cost.UpdatesPerSecond);
        var conditions = $"{UpdatesPerSecond:N0} updates/s asked ({rate:N0} in the slowest round), {users:N0} users; {Gateways} gateways publish, "
            + $"{Gateways} hear all; frame window 25 ms; less what the processes use when nothing is sent; median of {rounds} alternating rounds";
        var redis = Statistics.Median(partitioned.Zip(perUser, (ours, classic) => ours.Redis / classic.Redis));
        var client = Statistics.Median(partitioned.Zip(perUser, (ours, classic) => ours.Client / classic.Client));
        report.Add("redis_cpu_ratio", redis, "ratio", "<= 0.1", redis <= 0.1, conditions);
        report.Add("client_cpu_ratio", client, "ratio", "<= 0.25", client <= 0.25, "the same; publishers and subscribers together");
        foreach (var (name, all) in new[] { ("per_user", perUser), ("partitioned", partitioned) })
        {
            report.Add($"{name}_redis_us_per_update", Statistics.Median(all.Select(cost => cost.Redis)), "us", "report", null, $"one publish, {Gateways} deliveries");
            report.Add($"{name}_publisher_us_per_update", Statistics.Median(all.Select(cost => cost.Publisher)), "us", "report", null, $"{Gateways} publishers in one process");
            report.Add($"{name}_subscriber_us_per_update", Statistics.Median(all.Select(cost => cost.Subscriber)), "us", "report", null, $"{Gateways} subscribers in one process");
        }

        var notHeard = perUser.Concat(partitioned).Max(cost => cost.NotHeard);
        report.Add("updates_not_heard", notHeard, "ratio", "report", null, "largest share in any round; what was under way at its end");
    }

    private static async Task<UnitCost> MeasureAsync(string scheme, int users, TimeSpan duration, bool isIdle = false)
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var load = new ChannelsLoad(server.ConnectionString, scheme, Gateways, users, UpdatesPerSecond, isIdle);
        await using var subscriber = await WorkerProcess.StartAsync(ChannelsWorker.Subscribing, load);
        await using var publisher = await WorkerProcess.StartAsync(ChannelsWorker.Publishing, load);
        await Task.Delay(duration / 3); // compiled and warm

        var (redisBefore, heardBefore, sentBefore) = (await RedisInfo.CpuAsync(redis.GetDatabase()), await subscriber.StateAsync(), await publisher.StateAsync());
        await Task.Delay(duration);
        var (sent, heard) = (await publisher.StateAsync() - sentBefore, await subscriber.StateAsync() - heardBefore);
        var cpu = await RedisInfo.CpuAsync(redis.GetDatabase()) - redisBefore;
        return new(
            cpu.TotalMicroseconds / sent.Updates, sent.Cpu / sent.Updates, heard.Cpu / sent.Updates, sent.Updates / duration.TotalSeconds,
            Math.Max(0, 1 - (heard.Updates / sent.Updates)));
    }

    private static async Task ClassicClusterAsync(Report report, int messages)
    {
        Report.Stage("PUBLISH and SPUBLISH on a Redis Cluster of three masters and three replicas");
        await using var cluster = await ClassicCluster.StartAsync();
        var sharded = await cluster.BytesPerMessageAsync("SPUBLISH", messages);
        var broadcast = await cluster.BytesPerMessageAsync("PUBLISH", messages);
        var conditions = $"bytes that three masters and their replicas read and write per message, cluster bus included: {messages:N0} frames of one update, one subscriber";
        report.Add("classic_cluster_fanout_ratio", broadcast / sharded, "ratio", "report", null, conditions);
        report.Add("cluster_publish_bytes", broadcast, "B", "report", null, "PUBLISH: every node hears every message");
        report.Add("cluster_spublish_bytes", sharded, "B", "report", null, "SPUBLISH: the master of the channel's slot and its replica");
    }

    /// <summary>Microseconds of processor time per update, and how the round went.</summary>
    private sealed record UnitCost(double Redis, double Publisher, double Subscriber, double UpdatesPerSecond, double NotHeard)
    {
        public double Client => Publisher + Subscriber;

        public static UnitCost operator -(UnitCost cost, UnitCost idle) => cost with
        {
            Redis = cost.Redis - idle.Redis,
            Publisher = cost.Publisher - idle.Publisher,
            Subscriber = cost.Subscriber - idle.Subscriber,
        };
    }
}
