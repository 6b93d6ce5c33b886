using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary>
/// <c>./nearby bench sockets</c>: what a delivery costs a gateway over real sockets, beside bare Kestrel under the same
/// load, in turns.
/// </summary>
internal static class SocketsBenchmark
{
    private static readonly LoadTarget Kestrel = LoadTarget.Gateway with { Path = "/ws?user={user}", Protocol = null, Opened = "{\"type\":\"opened\"}" };

    public static async Task RunAsync(Report report, bool quick)
    {
        const int Nearby = 40;
        var size = quick ? 400 : 1_000;
        var every = TimeSpan.FromSeconds(2);
        var rounds = quick ? 1 : 5;
        await using var bench = await GatewayBench.StartAsync(new LoadPopulation(4 * size, Friends: 400, Nearby));

        Report.Stage($"Connecting {4 * size:N0} users to three gateways, {size:N0} to bare Kestrel");
        var off = ("Gateway:Flush", "00:00:00");
        var tenth = ("Gateway:Flush", $"{every * 10 / Nearby}");
        var gateway = await bench.StartGatewayAsync(off);
        var twice = await bench.StartGatewayAsync(off);
        var coalescing = await bench.StartGatewayAsync(tenth);
        var kestrel = await bench.StartBaselineAsync("kestrel");
        var once = new Contender(gateway, await bench.ConnectAsync(LoadTarget.Gateway, ..size, gateway));
        var doubled = new Contender(twice, await bench.ConnectAsync(LoadTarget.Gateway, size..(3 * size), twice));
        var coalesced = new Contender(coalescing, await bench.ConnectAsync(LoadTarget.Gateway, (3 * size).., coalescing));
        var bare = new Contender(kestrel, await bench.ConnectAsync(Kestrel, ..size, kestrel));

        Contender[] contenders = [once, bare, doubled, coalesced];
        for (var round = 0; round <= rounds; round++)
        {
            Report.Stage(round == 0 ? "Warming up" : $"Round {round} of {rounds}");
            foreach (var contender in contenders)
            {
                await contender.RoundAsync(every, TimeSpan.FromSeconds((round, quick) is (0, false) ? 8 : 4));
            }
        }

        var load = $"{size:N0} connections, an update every {every.TotalSeconds:0} s each, {Nearby} deliveries each; median of {rounds} alternating rounds";
        AddRatio(report, "cpu_per_delivery_vs_kestrel", once, bare, 1.4, load);
        AddRatio(report, "growth", doubled, once, 1.15, $"{2 * size:N0} connections and twice the updates, over {size:N0}; median of {rounds} alternating rounds");
        AddCost(report, "gateway_us_per_delivery", once);
        AddCost(report, "gateway_coalesced_us_per_delivery", coalesced);
        AddCost(report, "kestrel_us_per_delivery", bare);
        report.Write();
    }

    private static void AddRatio(Report report, string metric, Contender ours, Contender theirs, double target, string conditions)
    {
        var ratio = Measuring.Median(ours.Rounds.Skip(1).Zip(theirs.Rounds.Skip(1), (a, b) => a / b));
        report.Add(metric, ratio, "ratio", $"<= {target}", ratio <= target, conditions);
    }

    private static void AddCost(Report report, string metric, Contender contender) =>
        report.Add(metric, Measuring.Median(contender.Rounds.Skip(1)), "us", "report", null, $"CPU of the server process; {contender.Delivered:P1} of what was expected came");
}
