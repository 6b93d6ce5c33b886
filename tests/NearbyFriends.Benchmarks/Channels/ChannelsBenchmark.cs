using NearbyFriends.Fanout.Channels;


namespace NearbyFriends.Benchmarks.Channels;

/// <summary><c>./nearby bench channels</c>: what an update costs on shared partitions, and on a channel for each user.</summary>
internal static class ChannelsBenchmark
{
    private const int Gateways = 4;
    private const int UpdatesPerSecond = 10_000;
    private const int Partitions = 16;

    // By the rule of docs/decisions/0002-channel-per-user-or-partitions.md: so that a frame has 16 updates.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(16.0 * Gateways * Partitions / UpdatesPerSecond);
    private static readonly TimeSpan DefaultWindow = new FanoutOptions().FrameWindow;

    public static async Task RunAsync(Report report, bool quick)
    {
        await UnitCostsAsync(report, users: quick ? 5_000 : 20_000, rounds: quick ? 3 : 5, TimeSpan.FromSeconds(quick ? 4 : 10));
        await ClassicClusterAsync(report, messages: quick ? 5_000 : 20_000);
        report.Write();
    }

    private static async Task UnitCostsAsync(Report report, int users, int rounds, TimeSpan duration)
    {
        Report.Stage($"Starting {Gateways} publishers and {Gateways} subscribers of {users:N0} users, five times");
        var perUser = await StartAsync("Ring", "PerUser", DefaultWindow);
        var partitioned = await StartAsync("Ring", $"Partitioned({Partitions})", Window);
        var partitionedByDefault = await StartAsync("Ring", $"Partitioned({Partitions})", DefaultWindow);
        var actors = await StartAsync("Actors", "PerUser", DefaultWindow);
        var actorsPartitioned = await StartAsync("Actors", $"Partitioned({Partitions})", DefaultWindow);
        FanoutSide[] sides = [perUser, partitioned, partitionedByDefault, actors, actorsPartitioned];
        for (var round = 0; round <= rounds; round++)
        {
            Report.Stage(round == 0 ? "Warming up" : $"Round {round} of {rounds}");
            foreach (var side in sides)
            {
                var cost = await side.MeasureAsync(round == 0 ? TimeSpan.FromSeconds(10) : duration);
                if (round > 0)
                {
                    side.Rounds.Add(cost);
                }
            }
        }

        var rate = sides.SelectMany(side => side.Rounds).Min(cost => cost.UpdatesPerSecond);
        var conditions = $"frame window {Window.TotalMilliseconds:0} ms, so 16 updates a frame; {UpdatesPerSecond:N0} updates/s asked ({rate:N0} in the slowest round), "
            + $"{users:N0} users; {Gateways} gateways publish, {Gateways} hear all; less what the processes use when nothing is sent; median of {rounds} alternating rounds";
        var byDefault = $"the same with the default window of {DefaultWindow.TotalMilliseconds:0} ms, so 4 updates a frame";
        var (redis, client) = (Ratio(partitioned, cost => cost.Redis), Ratio(partitioned, cost => cost.Client));
        report.Add("redis_cpu_ratio", redis, "ratio", "<= 0.1", redis <= 0.1, conditions);
        report.Add("client_cpu_ratio", client, "ratio", "<= 0.25", client <= 0.25, "the same; publishers and subscribers together");
        report.Add("redis_cpu_ratio_default_window", Ratio(partitionedByDefault, cost => cost.Redis), "ratio", "report", null, byDefault);
        report.Add("client_cpu_ratio_default_window", Ratio(partitionedByDefault, cost => cost.Client), "ratio", "report", null, byDefault);
        var allOfRing = $"all CPU per update with its {Gateways} deliveries over that of the ring with {Partitions} partitions, both with {DefaultWindow.TotalMilliseconds:0} ms";
        report.Add("actors_cpu_ratio", RatioTo(partitionedByDefault, actors, cost => cost.All), "ratio", "report", null, $"an actor for each user; {allOfRing}");
        report.Add("actors_partitioned_cpu_ratio", RatioTo(partitionedByDefault, actorsPartitioned, cost => cost.All), "ratio", "report", null, $"an actor for each partition; {allOfRing}");
        report.Add("actors_to_ring_per_user_cpu_ratio", RatioTo(perUser, actors, cost => cost.All), "ratio", "report", null, "an actor for each user over a channel of Redis for each user");
        foreach (var (name, side) in new[]
        {
            ("per_user", perUser), ("partitioned", partitioned), ("partitioned_default_window", partitionedByDefault), ("actors_per_user", actors),
            ("actors_partitioned", actorsPartitioned),
        })
        {
            report.Add($"{name}_redis_us_per_update", Measuring.Median(side.Rounds.Select(cost => cost.Redis)), "us", "report", null, $"one publish, {Gateways} deliveries");
            report.Add($"{name}_publisher_us_per_update", Measuring.Median(side.Rounds.Select(cost => cost.Publisher)), "us", "report", null, $"{Gateways} publishers in one process");
            report.Add($"{name}_subscriber_us_per_update", Measuring.Median(side.Rounds.Select(cost => cost.Subscriber)), "us", "report", null, $"{Gateways} subscribers in one process");
            report.Add($"{name}_bytes_per_user", side.Watching.Memory, "B", "report", null, $"for each gateway that watches the user: subscription, Redis, actor; {users:N0} users at {Gateways} gateways");
            report.Add($"{name}_us_per_watch", side.Watching.Cpu, "us", "report", null, "all CPU to begin to watch a user at a gateway; the same");
            report.Add($"{name}_p50_ms", Percentile(side, 0.5), "ms", "report", null, "from the publisher's hand to the subscriber's, the window included; median round");
            report.Add($"{name}_p99_ms", Percentile(side, 0.99), "ms", "report", null, "the same");
            await side.DisposeAsync();
        }

        var notHeard = sides.SelectMany(side => side.Rounds).Max(cost => cost.NotHeard);
        report.Add("updates_not_heard", notHeard, "ratio", "report", null, "largest share in any round; what was under way at its end");

        Task<FanoutSide> StartAsync(string transport, string channels, TimeSpan window) =>
            FanoutSide.StartAsync(transport, channels, window, Gateways, users, UpdatesPerSecond);

        double Ratio(FanoutSide side, Func<UnitCost, double> cost) => RatioTo(perUser, side, cost);

        static double RatioTo(FanoutSide other, FanoutSide side, Func<UnitCost, double> cost) =>
            Measuring.Median(side.Rounds.Zip(other.Rounds, (ours, theirs) => cost(ours) / cost(theirs)));

        static double Percentile(FanoutSide side, double share) => Measuring.Median(side.Rounds.Select(cost => cost.Latencies.Percentile(share) ?? double.NaN));
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
}
