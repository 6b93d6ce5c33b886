using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary><c>./nearby bench connect</c>: what the servers spend on a user who connects, through the first list.</summary>
internal static class ConnectBenchmark
{
    private const int PerSecond = 200;

    public static async Task RunAsync(Report report, bool quick)
    {
        var (warmUp, measured) = quick ? (600, 1_000) : (2_000, 6_000);
        await using var bench = await GatewayBench.StartAsync(new LoadPopulation(warmUp + measured, Friends: 400, NearbyFriends: 40));
        var gateway = await bench.StartGatewayAsync();
        await bench.WarmUpAsync(warmUp, gateway);
        var load = await bench.StartLoadAsync(LoadTarget.Gateway, warmUp.., PerSecond, gateway);

        Report.Stage($"{measured:N0} users connect, {PerSecond} a second");
        int[] servers = [gateway.ProcessId, .. bench.Servers];
        var before = servers.Select(ProcessUse.CpuSeconds).ToArray();
        await load.ConnectAsync();
        var used = servers.Zip(before, (server, then) => (ProcessUse.CpuSeconds(server) - then) * 1000 / measured).ToArray();

        var conditions = $"{measured:N0} connects, 400 friends each, 40 of them nearby, from the dial to the first list, what connected friends are told of it included; a gateway that has served {warmUp:N0} before";
        report.Add("server_cpu_per_connect_ms", used.Sum(), "ms", "<= 2", used.Sum() <= 2, conditions);
        report.Add("gateway_cpu_ms", used[0], "ms", "report", null, "of it");
        report.Add("redis_cpu_ms", used[1..4].Sum(), "ms", "report", null, "of it: location cache, stream, pub/sub");
        report.Add("postgres_cpu_ms", used[4], "ms", "report", null, "of it");
        report.Add("p50_ms", load.Connects.ConnectMilliseconds(0.5) ?? double.NaN, "ms", "report", null, $"{PerSecond} connects/s, signing the token included");
        report.Add("p99_ms", load.Connects.ConnectMilliseconds(0.99) ?? double.NaN, "ms", "report", null, $"{PerSecond} connects/s, signing the token included");
        await Storm.RunAsync(report, quick);
        report.Write();
    }
}
