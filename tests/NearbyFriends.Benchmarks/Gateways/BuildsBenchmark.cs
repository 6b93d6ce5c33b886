using NearbyFriends.LoadGenerator;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary>
/// <c>./nearby bench builds FOLDER</c>: what a gateway of this build costs beside one of another build, whose published output is in
/// the folder. Each has servers of its own; both do the same things in turns, so that what else the machine does hits both.
/// </summary>
internal static class BuildsBenchmark
{
    private const int Together = 400; // two towns
    private static readonly TimeSpan JustInTime = TimeSpan.FromSeconds(10); // what was called often enough is compiled by then
    private static readonly double[] Seconds = [10, 2, 0.5];

    /// <param name="report">Takes the figures.</param>
    /// <param name="other">The folder.</param>
    /// <param name="part">What to measure: <c>connects</c>, <c>updates</c>, or both when null.</param>
    /// <param name="quick">Whether a look will do.</param>
    public static async Task RunAsync(Report report, string other, string? part, bool quick)
    {
        var rounds = 1 + (quick ? 4 : 8);
        await using var theirs = await BuildUnderTest.StartAsync(Path.GetFullPath(other), rounds);
        await using var ours = await BuildUnderTest.StartAsync("", rounds);
        for (var round = 0; round < rounds; round++)
        {
            Report.Stage(round == 0 ? "Warming up" : $"Round {round} of {rounds - 1}");
            foreach (var build in part == "updates" ? [] : InTurn())
            {
                await build.ConnectAsync();
            }

            foreach (var build in part == "updates" ? [] : InTurn())
            {
                await build.StormAsync();
            }

            foreach (var seconds in part == "connects" ? [] : Seconds)
            {
                foreach (var build in InTurn())
                {
                    await build.UpdateAsync(seconds);
                }
            }

            theirs.Weigh();
            ours.Weigh();
            if (round == 0)
            {
                await Task.Delay(JustInTime);
                ours.Found.Clear();
                theirs.Found.Clear();
            }

            IEnumerable<BuildUnderTest> InTurn() => round % 2 == 0 ? [theirs, ours] : [ours, theirs];
        }

        report.Add("start_gateway_ms", ours.StartMilliseconds, "ms", "report", null, $"CPU until a gateway's health says that it is ready; the other build: {theirs.StartMilliseconds:0}");
        report.Add("first_connects_gateway_ms", ours.FirstConnectsMilliseconds, "ms", "report", null, $"CPU a connect of the first {BuildUnderTest.WarmUp} after the start; the other build: {theirs.FirstConnectsMilliseconds:0.0}");
        foreach (var metric in ours.Found.Keys)
        {
            var (before, now) = (Measuring.Median(theirs.Found[metric]), Measuring.Median(ours.Found[metric]));
            var total = ours.Found[metric].Sum() / theirs.Found[metric].Sum();
            var ratios = theirs.Found[metric].Zip(ours.Found[metric], (a, b) => b / a).ToArray();
            report.Add(
                $"{metric}_ratio", total, "ratio", "report", null,
                $"of all rounds; medians {now:0.000} over {before:0.000}, rounds from {ratios.Min():0.00} to {ratios.Max():0.00}");
        }

        report.Write();
    }

    /// <summary>A gateway, its servers and its users.</summary>
    private sealed class BuildUnderTest(GatewayBench bench, ServiceProcess gateway, Load connecting, Load moving, int rounds) : IAsyncDisposable
    {
        public const int WarmUp = 2 * Together;

        private int _round;

        /// <summary>By metric, of each round.</summary>
        public Dictionary<string, List<double>> Found { get; } = [];

        /// <summary>CPU of the gateway, until it was ready.</summary>
        public double StartMilliseconds { get; private init; }

        /// <summary>CPU of the gateway a connect, of the first after its start.</summary>
        public double FirstConnectsMilliseconds { get; private init; }

        public static async Task<BuildUnderTest> StartAsync(string build, int rounds)
        {
            var bench = await GatewayBench.StartAsync(new LoadPopulation(WarmUp + (2 * rounds * Together), Friends: 400, NearbyFriends: 40));
            var gateway = await bench.StartGatewayAsync(build, [("Gateway:UpdatesPerSecond", "0")]);
            var atStart = ProcessUse.CpuSeconds(gateway.ProcessId);
            var moving = await bench.ConnectAsync(LoadTarget.Gateway, ..WarmUp, gateway);
            var connected = ProcessUse.CpuSeconds(gateway.ProcessId);
            var connecting = await bench.StartLoadAsync(LoadTarget.Gateway, WarmUp..(WarmUp + (rounds * Together)), connectsPerSecond: 200, gateway);
            return new(bench, gateway, connecting, moving, rounds)
            {
                StartMilliseconds = atStart * 1e3,
                FirstConnectsMilliseconds = (connected - atStart) * 1e3 / WarmUp,
            };
        }

        public async Task ConnectAsync()
        {
            var before = Cpu();
            await connecting.ConnectAsync(++_round * Together);
            var after = Cpu();
            Add("connect_gateway_ms", (after.Gateway - before.Gateway) * 1e3 / Together);
            Add("connect_all_ms", (after.All - before.All) * 1e3 / Together);
        }

        public async Task StormAsync()
        {
            var first = WarmUp + ((rounds + _round - 1) * Together);
            var storm = await bench.StartStormAsync(first..(first + Together), gateway);
            await Task.Delay(1_000); // the load's process starts
            var before = Cpu();
            await storm.ConnectAsync();
            var after = Cpu();
            Add("storm_gateway_ms", (after.Gateway - before.Gateway) * 1e3 / Together);
            Add("storm_all_ms", (after.All - before.All) * 1e3 / Together);
            Add("storm_last_ms", storm.Connects.ConnectMilliseconds(1) ?? double.NaN);
        }

        public async Task UpdateAsync(double seconds)
        {
            await moving.UpdateEveryAsync(TimeSpan.FromSeconds(seconds));
            await Task.Delay(1_500);
            await moving.TakeAsync();
            var before = Cpu();
            await Task.Delay(4_000); // two flushes of everybody
            var seen = await moving.TakeAsync();
            var after = Cpu();
            await moving.UpdateEveryAsync(TimeSpan.Zero);
            Add($"update_every_{seconds:0.0}_s_gateway_us", (after.Gateway - before.Gateway) * 1e6 / seen.Sent);
            Add($"update_every_{seconds:0.0}_s_all_us", (after.All - before.All) * 1e6 / seen.Sent);
            Add($"update_every_{seconds:0.0}_s_received", (double)seen.Received / seen.Sent);
        }

        public void Weigh() => Add("memory_gateway_mb", ProcessUse.Memory(gateway.ProcessId) / 1e6);

        public ValueTask DisposeAsync() => bench.DisposeAsync();

        private (double Gateway, double All) Cpu()
        {
            var cpu = ProcessUse.CpuSeconds(gateway.ProcessId);
            return (cpu, cpu + bench.Servers.Sum(ProcessUse.CpuSeconds));
        }

        private void Add(string metric, double value) => (Found.TryGetValue(metric, out var values) ? values : Found[metric] = []).Add(value);
    }
}
