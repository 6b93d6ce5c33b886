using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Benchmarks.Gateways;

/// <summary><c>./nearby bench tracing</c>: what traces add to a delivery, with a collector that takes them.</summary>
internal static class TracingBenchmark
{
    public static async Task RunAsync(Report report, bool quick)
    {
        var size = quick ? 400 : 800;
        var rounds = quick ? 1 : 5;
        var every = TimeSpan.FromSeconds(2);
        string[] ratios = ["0", "0.01", "1"];
        await using var bench = await GatewayBench.StartAsync(new LoadPopulation(ratios.Length * size, Friends: 400, NearbyFriends: 40));
        var collector = await bench.StartBaselineAsync("telemetry");
        var contenders = new List<Contender>();
        foreach (var ratio in ratios)
        {
            var gateway = await bench.StartGatewayAsync(
                ("Telemetry:SampleRatio", ratio), ("Telemetry:TracesPerSecond", "0"), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address!.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
            var first = contenders.Count * size;
            contenders.Add(new(gateway, await bench.ConnectAsync(LoadTarget.Gateway, first..(first + size), gateway)));
        }

        for (var round = 0; round <= rounds; round++)
        {
            Report.Stage(round == 0 ? "Warming up" : $"Round {round} of {rounds}");
            foreach (var contender in contenders)
            {
                await contender.RoundAsync(every, TimeSpan.FromSeconds((round, quick) is (0, false) ? 8 : 4));
            }
        }

        var conditions = $"{size:N0} connections, flushed every 2 s, an update every {every.TotalSeconds:0} s each, 40 deliveries each; OTLP export included; median of {rounds} alternating rounds";
        var costs = contenders.ConvertAll(contender => Measuring.Median(contender.Rounds.Skip(1)));
        report.Add("off_us_per_delivery", costs[0], "us", "report", null, conditions);
        report.Add("at_1_percent_ratio", costs[1] / costs[0], "ratio", "report", null, "over off");
        report.Add("at_100_percent_ratio", costs[2] / costs[0], "ratio", "report", null, "over off");
        report.Write();
    }
}
