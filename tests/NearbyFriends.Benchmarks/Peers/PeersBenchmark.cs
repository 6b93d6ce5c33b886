using System.Globalization;
using NearbyFriends.Benchmarks.Gateways;
using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Benchmarks.Peers;

/// <summary>
/// <c>./nearby bench peers</c>: the whole job beside what a team would build it from otherwise. Every user has 400 friends, 40 of
/// them connected and nearby, sends a location every 10 s, and has to know those of the connected friends within 2.5 s.
/// </summary>
internal static class PeersBenchmark
{
    /// <summary>How fast users connect.</summary>
    public const double ConnectsPerSecond = 200;

    private const string Ours = "ours";
    private const double KnownWithinMilliseconds = 2_500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>Sessions that began together flush together, so that time is measured in whole paces: half a one would have none of a flush, or two.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Report report, bool quick)
    {
        var users = quick ? 400 : 2_000;
        var rounds = quick ? 1 : 3;
        var time = Pace * (quick ? 3 : 5);
        var step = quick ? 4 : 2;
        await using var bench = new PeersBench(new LoadPopulation(users, Friends: 400, NearbyFriends: 40));
        Peer?[] started =
        [
            await bench.StartOursAsync(Ours, Pace),
            await bench.StartOursAsync("ours_unpaced", TimeSpan.Zero),
            await bench.StartSignalRAsync(),
            await bench.StartSocketIoAsync(),
            await bench.StartNatsAsync(),
            await bench.StartMosquittoAsync(),
            await bench.StartUWebSocketsAsync(),
        ];
        Peer[] peers = [.. started.OfType<Peer>()];
        foreach (var peer in peers)
        {
            await ConnectAsync(peer, users);
        }

        for (var round = 0; round <= rounds; round++)
        {
            Report.Stage(round == 0 ? "Warming up" : $"Round {round} of {rounds}");
            foreach (var peer in round % 2 == 0 ? peers : Enumerable.Reverse(peers))
            {
                await RoundAsync(peer, time, counts: round > 0);
            }
        }

        foreach (var peer in peers)
        {
            peer.BytesPerConnection = [.. peer.Memory().Zip(peer.EmptyMemory, (now, empty) => (double)(now - empty) / users)];
        }

        foreach (var peer in peers)
        {
            await ClimbAsync(peer, users, step);
        }

        Write(report, peers, users, rounds, step);
        foreach (var missing in bench.Missing)
        {
            Report.Stage($"Left out, not installed: {missing}");
        }
    }

    private static async Task ConnectAsync(Peer peer, int users)
    {
        Report.Stage($"{users:N0} users connect: {peer.What}");
        peer.EmptyMemory = peer.Memory();
        var warm = users / 5;
        foreach (var connected in (int[])[warm / 2, warm]) // what the first make hot is compiled with what it counted, which the second make hot again
        {
            await peer.Load.ConnectAsync(connected);
            await ProcessUse.CalmAsync(peer.Processes);
        }

        var cpu = peer.CpuSeconds();
        await peer.Load.ConnectAsync();
        await Task.Delay(Settle); // what the last ones caused
        peer.ConnectMilliseconds = [.. peer.CpuSeconds().Zip(cpu, (now, before) => (now - before) * 1_000 / (users - warm))];
    }

    private static async Task RoundAsync(Peer peer, TimeSpan time, bool counts)
    {
        await peer.Load.UpdateEveryAsync(Every);
        await Task.Delay(Settle);
        await peer.Load.TakeAsync();
        var cpu = peer.CpuSeconds().Sum();
        await Task.Delay(time);
        var seen = await peer.Load.TakeAsync();
        cpu = peer.CpuSeconds().Sum() - cpu;
        await peer.Load.UpdateEveryAsync(TimeSpan.Zero);
        await Task.Delay(Settle); // what is on its way is not the next one's
        if (!counts)
        {
            return;
        }

        peer.Rounds.Add(cpu * 1e6 / Math.Max(1, seen.Received));
        peer.Seen = peer.Seen.Beside(seen);
    }

    /// <summary>Sends <paramref name="step"/> times as much, and again, until friends' updates come too late or not at all.</summary>
    private static async Task ClimbAsync(Peer peer, int users, int step)
    {
        const double Kept = 0.9; // of what is expected: a flush may fall out of the time at one end
        var time = 3 * Pace;
        for (var every = Every / step; every > TimeSpan.FromMilliseconds(100); every /= step)
        {
            Report.Stage($"{peer.What}: {users / every.TotalSeconds:N0} locations a second");
            await peer.Load.UpdateEveryAsync(every);
            await Task.Delay(every + Settle);
            await peer.Load.TakeAsync();
            var cpu = peer.CpuSeconds().Sum();
            await Task.Delay(time);
            var seen = await peer.Load.TakeAsync();
            cpu = peer.CpuSeconds().Sum() - cpu;
            var flushes = Math.Max(every.TotalSeconds, peer.Pace.TotalSeconds); // of two updates of a friend within one flush, the later one is told
            var expected = peer.Load.Expected((long)(users / flushes * time.TotalSeconds));
            if (seen.Received < Kept * expected || seen.LatencyMilliseconds(0.99) > KnownWithinMilliseconds || seen.Ended > 0)
            {
                Report.Stage($"Not held: {(double)seen.Received / expected:P0} came, p99 {seen.LatencyMilliseconds(0.99):N0} ms, {seen.Ended} connections ended");
                break;
            }

            peer.CostByRate.Add((users / every.TotalSeconds, cpu * 1e6 / seen.Sent));
        }

        await peer.Load.UpdateEveryAsync(TimeSpan.Zero);
        await peer.Load.CloseAsync();
        await Task.Delay(Settle);
    }

    /// <summary>What a location costs at about a tenth of the highest rate that was held, at half of it, and at all of it.</summary>
    private static void AddCostByLoad(Report report, Peer peer)
    {
        foreach (var (load, share) in (ReadOnlySpan<(string, double)>)[("tenth", 0.125), ("half", 0.5), ("full", 1)])
        {
            if (peer.CostByRate.Find(cost => cost.Rate == peer.HighestRate * share) is { Rate: > 0 } cost)
            {
                report.Add($"{peer.Name}_us_per_location_{load}_load", cost.Microseconds, "us", "report", null, $"a location and its 40 deliveries at {cost.Rate:N0}/s");
            }
        }
    }

    private static void Write(Report report, Peer[] peers, int users, int rounds, int step)
    {
        var job = $"{users:N0} users, a location every {Every.TotalSeconds:0} s each, 40 connected friends of 400";
        var ours = peers.First(peer => peer.Name == Ours);
        var others = peers.Where(peer => !peer.IsLimit && !peer.Name.StartsWith(Ours, StringComparison.Ordinal)).ToArray();
        var signalR = others.First(peer => peer.Name == "signalr");
        var listed = others.Where(peer => peer.Name != "nats").ToArray(); // NATS has no first list
        Compare("cpu_per_delivery", others, peer => Measuring.Median(peer.Rounds), 0.3, 1.0, $"CPU of servers and brokers; {job}; medians of {rounds} alternating rounds");
        Compare("memory_per_connection", others, peer => peer.BytesPerConnection.Sum(), 0.3, 0.6, "resident memory of servers and brokers above empty, after the rounds; 400 friends watched");
        Compare("connect_cpu", listed, peer => peer.ConnectMilliseconds.Sum(), 0.5, 1.0, $"{ConnectsPerSecond:0} connects/s, from the dial to the first list");
        foreach (var peer in peers)
        {
            var delivered = $"{(double)peer.Seen.Received / Math.Max(1, peer.Load.Expected(peer.Seen.Sent)):P1} of what was expected came";
            report.Add($"{peer.Name}_us_per_delivery", Measuring.Median(peer.Rounds), "us", "report", null, $"{peer.What}; {delivered}");
            report.Add($"{peer.Name}_bytes_per_connection", peer.BytesPerConnection.Sum(), "B", "report", null, Parts(peer.BytesPerConnection, "N0"));
            report.Add($"{peer.Name}_connect_cpu_ms", peer.ConnectMilliseconds.Sum(), "ms", "report", null, Parts(peer.ConnectMilliseconds, "0.00"));
            report.Add($"{peer.Name}_p50_ms", peer.Seen.LatencyMilliseconds(0.5) ?? double.NaN, "ms", "report", null, "from a client's send to its friend's receipt");
            report.Add($"{peer.Name}_p99_ms", peer.Seen.LatencyMilliseconds(0.99) ?? double.NaN, "ms", "report", null, "");
            report.Add($"{peer.Name}_highest_rate", peer.HighestRate, "1/s", "report", null, $"locations a second, in steps of {step}: 90 % come, 99 % of them within 2.5 s; clients on the same machine");
            AddCostByLoad(report, peer);

            string Parts(IReadOnlyList<double> values, string format) => string.Join(
                ", ", peer.Processes.Zip(values, (process, value) => $"{ProcessUse.Name(process)} {value.ToString(format, CultureInfo.InvariantCulture)}"));
        }

        report.Write();

        void Compare(string metric, Peer[] with, Func<Peer, double> of, double toSignalR, double toBest, string conditions)
        {
            var best = with.MinBy(of)!;
            Add($"{metric}_vs_signalr", of(ours) / of(signalR), toSignalR, conditions);
            Add($"{metric}_vs_best", of(ours) / of(best), toBest, $"over {best.Name}; {conditions}");
        }

        void Add(string metric, double ratio, double target, string conditions) =>
            report.Add(metric, ratio, "ratio", $"<= {target}", ratio <= target, conditions);
    }
}
