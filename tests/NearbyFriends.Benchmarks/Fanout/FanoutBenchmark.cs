namespace NearbyFriends.Benchmarks.Fanout;

/// <summary><c>./nearby bench fanout</c>: the way of an update from the bytes of a frame into the outboxes of its watchers.</summary>
internal static class FanoutBenchmark
{
    private const int FriendsEach = 400;

    public static async Task RunAsync(Report report, bool quick)
    {
        var sessions = quick ? 3_000 : 15_000;
        await MeasureAsync(report, sessions, watchersEach: 40, "", "40 sessions watch each friend, so that checks share a look-up");
        await MeasureAsync(report, sessions, watchersEach: 1, "_unshared", "a look-up for each check: no two sessions share a friend", isTarget: false);
        report.Write();
    }

    private static async Task MeasureAsync(Report report, int sessions, int watchersEach, string suffix, string pattern, bool isTarget = true)
    {
        Report.Stage($"{sessions:N0} sessions, {FriendsEach} friends each; {pattern}");
        await using var bench = await FanoutBench.StartAsync(sessions, FriendsEach, watchersEach);
        using var counter = new DeliveryCounter();
        Repeat(bench.Round, TimeSpan.FromSeconds(6)); // outboxes and pools grow to their sizes, the JIT is done

        var (cpu, allocated, deliveries) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), counter.Deliveries);
        var rounds = Repeat(bench.Round, TimeSpan.FromSeconds(10));
        cpu = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        deliveries = counter.Deliveries - deliveries;

        var rate = rounds * bench.Pairs / cpu.TotalSeconds;
        var bytes = (double)allocated / deliveries;
        var conditions = $"{sessions:N0} sessions x {FriendsEach} friends, random order, 10 % inside, flushed every 2 s; {pattern}";
        report.Add(
            $"checks_per_second_per_core{suffix}", rate, "1/s", isTarget ? ">= 4,000,000" : "report", isTarget ? rate >= 4_000_000 : null, conditions);
        report.Add($"allocated_bytes_per_delivery{suffix}", bytes, "B", "<= 1", bytes <= 1, "all of the process, encoding included");
    }

    private static int Repeat(Action round, TimeSpan time)
    {
        var rounds = 0;
        for (var until = DateTime.UtcNow + time; DateTime.UtcNow < until || rounds < 3; rounds++)
        {
            round();
        }

        return rounds;
    }
}
