using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.CapacityPlan;

namespace NearbyFriends.Benchmarks.Messages;

/// <summary>
/// <c>./nearby bench messages</c>: how many messages real gateways exchange, and whether the simulation behind
/// <c>simulator plan</c> counts the same.
/// </summary>
internal static class MessagesBenchmark
{
    private const int Users = 800;
    private const int Friends = 10;
    private const int Partitions = 16;
    private const double StepMetres = 20; // whoever moves so far is told all distances anew
    private const double Target = 0.05;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Report report, bool quick)
    {
        foreach (var gateways in new[] { 2, 4, 8 })
        {
            Report.Stage($"{gateways} gateways, {Users} users");
            var duration = TimeSpan.FromSeconds(quick ? 12 : 40);
            var measured = await MeasureAsync(gateways, duration);
            var simulated = FleetSimulation.Run(new FleetScenario(
                Users, Friends, gateways, Partitions, Interval, Window, Flush, WarmUp: Interval, Duration: 100 * Interval));
            Compare(report, gateways, measured, simulated);
        }

        report.Write();
    }

    private static async Task<MessageCounts> MeasureAsync(int gateways, TimeSpan duration)
    {
        var crowd = new Crowd(Users, Friends, StepMetres);
        await using var system = await GatewaysInProcess.StartAsync(
            crowd, gateways, ("Fanout:Channels", $"Partitioned({Partitions})"), ("Fanout:FrameWindow", Window.ToString("c")), ("Gateway:Flush", Flush.ToString("c")));
        using var meter = new MessageMeter();
        await using var walkers = await Walkers.ConnectAsync(crowd, system.Urls, Interval);
        var told = 0L;
        foreach (var client in walkers.Clients)
        {
            client.FriendMoved += (_, _) => Interlocked.Increment(ref told);
        }

        walkers.Walk();
        await Task.Delay(2 * Interval);
        var (before, toldBefore) = (meter.Totals(), Interlocked.Read(ref told));
        await Task.Delay(duration);
        var (after, toldAfter) = (meter.Totals(), Interlocked.Read(ref told));
        return new(
            Counted("updates"), Counted("fanout.frames.published"), Counted("fanout.frames.received"), Counted("fanout.entries.published"),
            Counted("deliveries"), Counted("messages.sent"), toldAfter - toldBefore);

        long Counted(string name) => after.GetValueOrDefault("nearbyfriends." + name) - before.GetValueOrDefault("nearbyfriends." + name);
    }

    // For each update, so that it does not matter how many there were.
    private static void Compare(Report report, int gateways, MessageCounts measured, MessageCounts simulated)
    {
        foreach (var (name, real, counted) in new[]
        {
            ("frames", measured.Frames, simulated.Frames),
            ("frame_deliveries", measured.FrameDeliveries, simulated.FrameDeliveries),
            ("entries", measured.Entries, simulated.Entries),
            ("friend_updates", measured.FriendUpdates, simulated.FriendUpdates),
            ("client_messages", measured.Messages, simulated.Messages),
            ("client_message_entries", measured.MessageEntries, simulated.MessageEntries),
        })
        {
            var (perUpdate, expected) = (real / (double)measured.Updates, counted / (double)simulated.Updates);
            var error = Math.Abs((expected / perUpdate) - 1);
            report.Add(
                $"{name}_error_{gateways}_gateways", error, "ratio", "<= 0.05", error <= Target,
                $"{perUpdate:0.000} an update measured ({real:N0}), {expected:0.000} simulated");
        }
    }
}
