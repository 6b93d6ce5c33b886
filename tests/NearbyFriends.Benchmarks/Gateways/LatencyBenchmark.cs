using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary><c>./nearby bench latency</c>: from one client's send to another's receipt, across two gateways, at half of what they can do.</summary>
internal static class LatencyBenchmark
{
    private const double Kept = 0.97; // a rate is held while so much of what is expected comes,
    private const double InTimeMilliseconds = 1_000; // and 99 % of it within this time

    public static async Task RunAsync(Report report, bool quick)
    {
        const int Connections = 1_000;
        await using var bench = await GatewayBench.StartAsync(new LoadPopulation(Connections, Friends: 400, NearbyFriends: 40));
        var off = ("Gateway:Flush", "00:00:00");
        var gateways = new[] { await bench.StartGatewayAsync(off), await bench.StartGatewayAsync(off) };
        var load = await bench.ConnectAsync(LoadTarget.Gateway, .., gateways);
        await StepAsync(load, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(2)); // the JIT is done

        var (capacity, failures) = (0.0, 0);
        foreach (var every in new[] { 4.0, 3, 2.2, 1.6, 1.2, 0.9, 0.65, 0.5, 0.35, 0.25 }.Select(TimeSpan.FromSeconds))
        {
            var (seen, seconds) = await StepAsync(load, every, TimeSpan.FromSeconds(quick ? 2 : 4));
            var rate = seen.Received / seconds;
            Report.Stage($"An update every {every.TotalSeconds:0.##} s each: {rate:N0} deliveries/s, p99 {seen.LatencyMilliseconds(0.99):0} ms");
            if (seen.Received >= Kept * load.Expected(seen.Sent) && seen.Sent * every.TotalSeconds >= Kept * Connections * seconds
                && seen.LatencyMilliseconds(0.99) < InTimeMilliseconds)
            {
                (capacity, failures) = (rate, 0);
            }
            else if (++failures == 2)
            {
                break; // once may be the machine's hiccup
            }
        }

        report.Add("capacity_deliveries_per_second", capacity, "1/s", "report", null, "highest rate held with p99 under 1 s, both gateways, clients on the same machine");
        if (capacity == 0)
        {
            report.Write(); // there is no half of it
            return;
        }

        var interval = TimeSpan.FromSeconds(Connections * load.Expected(1) / (capacity / 2));
        Report.Stage($"At half of {capacity:N0} deliveries/s");
        var (half, time) = await StepAsync(load, interval, TimeSpan.FromSeconds(quick ? 5 : 30));
        var conditions = $"flush off, frames of 25 ms, {half.Received / time:N0} deliveries/s, {Connections:N0} connections at 2 gateways, clients on the same machine; whole milliseconds";
        var (p50, p99) = (half.LatencyMilliseconds(0.5) ?? double.NaN, half.LatencyMilliseconds(0.99) ?? double.NaN);
        report.Add("p50_ms", p50, "ms", "report", null, conditions);
        report.Add("p99_ms", p99, "ms", "<= 60", p99 <= 60, conditions);
        report.Add("delivered", (double)half.Received / load.Expected(half.Sent), "ratio", "report", null, "received over expected");
        report.Write();
    }

    private static async Task<(LoadSnapshot Seen, double Seconds)> StepAsync(Load load, TimeSpan every, TimeSpan time)
    {
        await load.UpdateEveryAsync(every);
        await Task.Delay(every < TimeSpan.FromSeconds(2) ? every * 1.1 : TimeSpan.FromSeconds(2)); // everybody has begun
        await load.TakeAsync();
        var start = TimeProvider.System.GetTimestamp();
        await Task.Delay(time);
        var seen = await load.TakeAsync();
        return (seen, TimeProvider.System.GetElapsedTime(start).TotalSeconds);
    }
}
