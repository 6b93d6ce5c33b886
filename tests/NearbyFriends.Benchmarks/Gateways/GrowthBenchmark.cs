using NearbyFriends.CapacityPlan;
using NearbyFriends.LoadGenerator;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary>
/// <c>./nearby bench growth</c>: every gateway hears every update, so what an update costs all gateways grows with their number. The
/// same users and updates on 2, 4, 8 and 16 gateways, by CPU, beside what <c>simulator plan</c> computes.
/// </summary>
/// <remarks>
/// What gateways spend while nobody moves is taken off: timers, not updates. The plan's growth has the frames alone, published and
/// heard; what else an update costs does not depend on the number of gateways. At a light load each frame wakes a thread, which the plan,
/// made for thousands of frames a second, does not count: the heavy one shows what becomes of that.
/// </remarks>
internal static class GrowthBenchmark
{
    private const int Users = 1_200;
    private static readonly TimeSpan[] Loads = [TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(0.4)];
    private static readonly TimeSpan Rush = TimeSpan.FromSeconds(0.6); // warms the code of all gateways
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(200); // of a large fleet

    public static async Task RunAsync(Report report, bool quick)
    {
        var (warmUp, time, rounds) = quick ? (TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(4), 1) : (TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(8), 3);
        int[] sizes = quick ? [2, 8] : [2, 4, 8, 16];
        var costs = new UnitCosts();
        var found = new Dictionary<(int Gateways, TimeSpan Every), (double Measured, double Planned)>();
        foreach (var gateways in sizes)
        {
            foreach (var (every, (measured, redis)) in Loads.Zip(await MeasureAsync(gateways, warmUp, time, rounds)))
            {
                var traffic = Traffic.Of(new Demand { Connected = Users, Interval = every, Window = Window }, gateways, cells: 1);
                var planned = (((traffic.Frames + traffic.FrameDeliveries) * costs.FrameUs) + (traffic.EntryDeliveries * costs.EntryUs)) / traffic.Updates;
                found[(gateways, every)] = (measured, planned);
                report.Add($"gateways_us_per_update_{gateways}_{Rate(every)}", measured, "us", "report", null, $"CPU of all {gateways} gateways, above idle; {Users:N0} users, 40 of 400 friends connected, {Users / every.TotalSeconds:N0} updates/s, frames of {Window.TotalMilliseconds:0} ms");
                report.Add($"pubsub_us_per_update_{gateways}_{Rate(every)}", redis, "us", "report", null, "CPU of the pub/sub server, above idle");
            }
        }

        foreach (var every in Loads)
        {
            var (few, many) = (found[(sizes[0], every)], found[(sizes[^1], every)]);
            var more = sizes[^1] - sizes[0];
            report.Add($"us_per_update_and_gateway_{Rate(every)}", (many.Measured - few.Measured) / more, "us", "report", null, $"what each gateway beyond {sizes[0]} adds to an update, up to {sizes[^1]}");
            report.Add($"plan_us_per_update_and_gateway_{Rate(every)}", (many.Planned - few.Planned) / more, "us", "report", null, "the same by the plan's built-in unit costs: the frames, their entries");
        }

        report.Write();
    }

    private static string Rate(TimeSpan every) => every == Loads[0] ? "light" : "heavy";

    /// <returns>Of each load.</returns>
    private static async Task<IEnumerable<(double Gateways, double PubSub)>> MeasureAsync(int count, TimeSpan warmUp, TimeSpan time, int rounds)
    {
        await using var bench = await GatewayBench.StartAsync(new LoadPopulation(Users, Friends: 400, NearbyFriends: 40));
        var gateways = new List<ServiceProcess>();
        for (var i = 0; i < count; i++)
        {
            gateways.Add(await bench.StartGatewayAsync(("Fanout:FrameWindow", $"{Window}"), ("Gateway:UpdatesPerSecond", "0")));
        }

        var load = await bench.ConnectAsync(LoadTarget.Gateway, .., [.. gateways]);
        Report.Stage($"{count} gateways");
        await load.UpdateEveryAsync(Rush);
        await Task.Delay(warmUp);
        var found = Loads.Select(_ => new List<(double Gateways, double PubSub)>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            await load.UpdateEveryAsync(TimeSpan.Zero);
            await ProcessUse.CalmAsync([.. gateways.Select(gateway => gateway.ProcessId)]); // with many gateways, to compile what the rush made hot takes longer than the rush
            var idle = await UsedAsync();
            foreach (var (every, costs) in Loads.Zip(found))
            {
                await load.UpdateEveryAsync(every);
                await Task.Delay(Loads[0]);
                await load.TakeAsync();
                var busy = await UsedAsync();
                var sent = (await load.TakeAsync()).Sent;
                costs.Add(((busy.Gateways - idle.Gateways) * 1e6 / sent, (busy.PubSub - idle.PubSub) * 1e6 / sent));
            }
        }

        return found.Select(costs => (Measuring.Median(costs.Select(one => one.Gateways)), Measuring.Median(costs.Select(one => one.PubSub))));

        async Task<(double Gateways, double PubSub)> UsedAsync()
        {
            var before = Cpu();
            await Task.Delay(time);
            var after = Cpu();
            return (after.Gateways - before.Gateways, after.PubSub - before.PubSub);
        }

        (double Gateways, double PubSub) Cpu() => (gateways.Sum(gateway => ProcessUse.CpuSeconds(gateway.ProcessId)), ProcessUse.CpuSeconds(bench.PubSub));
    }
}
