using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary><c>./nearby bench memory</c>: what a connection costs a gateway while nothing happens.</summary>
internal static class MemoryBenchmark
{
    public static async Task RunAsync(Report report, bool quick)
    {
        var connections = quick ? 3_000 : 15_000;
        var idle = TimeSpan.FromSeconds(quick ? 10 : 60);
        MachineLimits.Require(connections);
        await using var bench = await GatewayBench.StartAsync(new LoadPopulation(connections, Friends: 400, NearbyFriends: 40));
        var gateway = await bench.StartGatewayAsync();
        var load = await bench.StartLoadAsync(LoadTarget.Gateway, .., GatewayBench.ConnectsPerSecond, gateway);
        await Task.Delay(TimeSpan.FromSeconds(2));
        var before = ProcessUse.Memory(gateway.ProcessId);
        Report.Stage($"Connecting {connections:N0} users");
        await load.ConnectAsync();
        var connected = ProcessUse.Memory(gateway.ProcessId);
        Report.Stage($"Idle for {idle.TotalSeconds:0} s");
        await Task.Delay(idle);
        var after = ProcessUse.Memory(gateway.ProcessId);
        var bytes = (double)(after - before) / connections;
        var conditions = $"(RSS at {connections:N0} - RSS at 0) / {connections:N0} after {idle.TotalSeconds:0} s idle; 400 friends, 40 of them connected, 360 of 60 M ids; GC as shipped";
        report.Add("bytes_per_idle_connection", bytes, "B", "<= 25,000", bytes <= 25_000, conditions);
        report.Add("rss_at_0", before, "B", "report", null, "the gateway after its start");
        report.Add("rss_while_connecting", connected, "B", "report", null, "when the last user has connected");
        report.Write();
    }
}
