using System.Diagnostics;
using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary>A part of <c>./nearby bench connect</c>: a gateway is killed, and all its clients arrive at the other one at once.</summary>
internal static class Storm
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Report report, bool quick)
    {
        var (warmUp, staying, moving) = quick ? (400, 200, 600) : (1_600, 400, 3_000);
        await using var bench = await GatewayBench.StartAsync(new LoadPopulation(warmUp + staying + moving, Friends: 400, NearbyFriends: 40));
        var (survivor, victim) = (await bench.StartGatewayAsync(), await bench.StartGatewayAsync());
        await bench.WarmUpAsync(warmUp, survivor);
        var others = await bench.StartAlertLoadAsync(warmUp..(warmUp + staying), survivor);
        await others.ConnectAsync();
        await bench.ConnectAsync(LoadTarget.Gateway, (warmUp + staying).., victim);
        var storm = await bench.StartStormAsync((warmUp + staying).., survivor);
        await others.UpdateEveryAsync(Every);
        await Task.Delay(Calm / 2);
        await others.TakeAsync();
        await Task.Delay(Calm);
        var before = await others.TakeAsync();

        Report.Stage($"A gateway is killed; its {moving:N0} clients dial the other one");
        int[] servers = [survivor.ProcessId, .. bench.Servers];
        var atKill = servers.Select(ProcessUse.CpuSeconds).ToArray();
        var killed = Stopwatch.GetTimestamp();
        await victim.KillAsync();
        await storm.ConnectAsync();
        var seconds = Stopwatch.GetElapsedTime(killed).TotalSeconds;
        var used = servers.Zip(atKill, (server, then) => (ProcessUse.CpuSeconds(server) - then) * 1_000 / moving).ToArray();
        var during = await others.TakeAsync();

        report.Add(
            "storm_cpu_per_connect_ms", used.Sum(), "ms", "<= 1.2", used.Sum() <= 1.2,
            $"{moving:N0} clients of a killed gateway arrive at the other at once, until the last has its list: gateway {used[0]:0.00}, Redis {used[1..4].Sum():0.00}, Postgres {used[4]:0.00}");
        report.Add("storm_seconds", seconds, "s", "report", null, "from the kill until the last has its list, to 0.2 s; the clients run on the same machine");
        report.Add(
            "storm_p99_of_others_ms", during.LatencyMilliseconds(0.99) ?? double.NaN, "ms", "report", null,
            $"updates among {staying} who stayed, at a pace of 0.5 s, meanwhile; before it {before.LatencyMilliseconds(0.99):0} ms");
    }
}
