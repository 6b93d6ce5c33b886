using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.Gateway.Draining;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Releases;

/// <summary><c>./nearby bench release</c>: what clients notice while every gateway is replaced by a newer one behind HAProxy.</summary>
internal static class ReleaseBenchmark
{
    private const int Friends = 10;
    private const int DrainPerSecond = 50; // less than the default of 300, so that the bound shows with 500 clients
    private const double StepMetres = 0.3;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Report report, bool quick)
    {
        var crowd = new Crowd(quick ? 200 : 500, Friends, StepMetres);
        Report.Stage($"Starting {ReleaseFleet.Size} gateways behind HAProxy; connecting {crowd.Count} clients");
        await using var fleet = await ReleaseFleet.StartAsync(crowd, DrainPerSecond);
        await using var walkers = await Walkers.ConnectAsync(crowd, [fleet.Address], Interval, flush: null);
        var (log, sightings, wrong) = (new ConnectionLog(walkers.Clients), new Sightings(crowd, walkers), 0);
        for (var slot = 0; slot < ReleaseFleet.Size; slot++)
        {
            Report.Stage($"Replacing gateway {slot}");
            walkers.Walk();
            await Task.Delay(Interval);
            await fleet.ReplaceAsync(slot);
            await Task.Delay(Interval);
            walkers.Stand();
            wrong += await WrongListsAsync(sightings);
        }

        var conditions = $"{ReleaseFleet.Size} gateways behind HAProxy replaced one after the other, {crowd.Count} clients with {Friends} friends each, an update every {Interval.TotalSeconds} s; the newer version is the same build under another name";
        var (lost, of) = sightings.Lost(Interval);
        report.Add("failed_connects", log.FailedConnects, "count", "0", log.FailedConnects == 0, conditions);
        report.Add("wrong_lists", wrong, "count", "0", wrong == 0, "one interval after each replacement, each list against what friends sent last");
        report.Add("lost", lost, "count", "0", lost == 0, $"of {of:N0} updates times friends, those that a friend had not seen after {Interval.TotalSeconds} s, nor a newer one of that user");
        var mean = (double)log.Reconnects / crowd.Count;
        report.Add("reconnects_per_client", mean, "count", "<= 1.5", mean <= 1.5, "mean; a gateway is stopped before its successor starts");
        var (begun, bound) = (log.MostBegunWithinASecond(), DrainPerSecond + new DrainPace(DrainPerSecond).BatchSize);
        report.Add(
            "most_reconnects_per_second", begun, "1/s", $"<= {bound}", begun <= bound,
            $"clients that begin to connect within any second; Gateway:DrainPerSecond {DrainPerSecond}, and a batch, for clients hear of their turn at slightly different times");
        report.Add(
            "most_opened_per_second", log.MostOpenedWithinASecond(), "1/s", "report", null,
            "sessions opened within any second: a gateway that has just started keeps its first clients waiting, and answers them together");
        report.Add("broken_connections", log.Broken, "count", "report", null, "sessions that ended without a close frame");
        report.Write();
    }

    private static async Task<int> WrongListsAsync(Sightings sightings)
    {
        var wrong = 0;
        try
        {
            await Eventually.True(() => (wrong = sightings.WrongLists()) == 0, "every list is right", Settled);
        }
        catch (TimeoutException)
        {
            // the count says it
        }

        return wrong;
    }
}
