using System.Diagnostics;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Failover;

/// <summary><c>./nearby bench failover</c>: what clients lose while what carries the fan-out changes, dies and comes back.</summary>
internal static class FailoverBenchmark
{
    private const int Users = 500;
    private const int Friends = 10;
    private const double StepMetres = 0.3; // see Ledger
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan MostRecovery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Report report, bool quick)
    {
        var totals = new Totals();
        await TryAsync(() => RingAsync(report, totals, withoutEtcd: TimeSpan.FromSeconds(quick ? 15 : 60)));
        await TryAsync(() => ClusterAsync(report, totals));
        await TryAsync(() => ActorsAsync(report, totals, "Partitioned(16)", "actors"));
        await TryAsync(() => ActorsAsync(report, totals, "PerUser", "actors_per_user"));
        var conditions = $"{Users} clients with {Friends} friends each on 2 gateways, an update every {Interval.TotalSeconds} s, pushed at once; over all of the above";
        report.Add("duplicates", totals.Duplicates, "updates", "0", totals.Duplicates == 0, conditions);
        report.Add(
            "wrong_lists_after_one_interval", totals.WrongLists, "lists", "0", totals.WrongLists == 0,
            $"each client's list against what its friends sent last, one interval after each of {totals.Looks} changes; reconnects: {totals.Reconnects}");
        report.Write();
    }

    private static async Task RingAsync(Report report, Totals totals, TimeSpan withoutEtcd)
    {
        Report.Stage($"Starting 2 gateways, 3 pub/sub servers, a standby and etcd; connecting {Users} clients");
        var crowd = new Crowd(Users, Friends, StepMetres);
        await using var fleet = await FailoverFleet.StartRingAsync(crowd);
        var ops = fleet.Operator!;
        await using var walkers = await Walkers.ConnectAsync(crowd, fleet.Gateways, Interval);
        var run = new Run(crowd, walkers, totals);

        await run.TryAsync("Nothing changes", () => AddLostAsync(report, "lost_undisturbed", run, () => Task.Delay(Interval), isTarget: false));
        await run.TryAsync("Adding a pub/sub server", () => AddLostAsync(report, "lost_add", run, () => ops.AddAsync("pubsub-3")));
        await run.TryAsync("Removing it", () => AddLostAsync(report, "lost_remove", run, () => ops.RemoveAsync("pubsub-3")));
        await run.TryAsync("Replacing another by it", () => AddLostAsync(report, "lost_replace", run, () => ops.ReplaceAsync("pubsub-1", "pubsub-3")));
        await run.TryAsync(
            $"{withoutEtcd.TotalSeconds} s without etcd",
            () => AddLostAsync(report, "lost_without_etcd", run, () => WithoutEtcdAsync(fleet, withoutEtcd), isTarget: false));
        await run.TryAsync("Killing a pub/sub server", async () =>
        {
            await ops.StandByAsync("pubsub-1"); // which was replaced
            AddRecovery(
                report, "recovery_s", await run.RecoveryAsync(fleet.PubSub["pubsub-0"].KillAsync),
                "kill -9 of one of three pub/sub servers with a standby, until the last update that a friend did not receive");
        });
        totals.Add(run);
    }

    private static async Task ClusterAsync(Report report, Totals totals)
    {
        Report.Stage($"Starting 2 gateways on a Redis Cluster of three masters and three replicas; connecting {Users} clients");
        var crowd = new Crowd(Users, Friends, StepMetres);
        await using var fleet = await FailoverFleet.StartClusterAsync(crowd);
        await using var walkers = await Walkers.ConnectAsync(crowd, fleet.Gateways, Interval);
        var run = new Run(crowd, walkers, totals);
        await run.TryAsync("Killing a master", async () => AddRecovery(
            report, "cluster_recovery_s", await run.RecoveryAsync(() => fleet.Cluster!.KillMasterAsync(slot: 0)), "the same for a master of the cluster, cluster-node-timeout 3,000 ms"));
        totals.Add(run);
    }

    private static async Task ActorsAsync(Report report, Totals totals, string channels, string metric)
    {
        Report.Stage($"Starting 2 gateways with actors, {channels}; connecting {Users} clients");
        var crowd = new Crowd(Users, Friends, StepMetres);
        await using var fleet = await FailoverFleet.StartActorsAsync(crowd, channels);
        await using var walkers = await Walkers.ConnectAsync(crowd, fleet.Gateways, Interval);
        var run = new Run(crowd, walkers, totals);
        ServiceProcess? another = null;
        await run.TryAsync("A gateway joins", () => AddLostAsync(report, $"{metric}_lost_join", run, async () => another = await fleet.StartAnotherAsync(), isTarget: false));
        await run.TryAsync("It stops in good order", () => AddLostAsync(report, $"{metric}_lost_stop", run, () => another!.TerminateAsync(), isTarget: false));
        await run.TryAsync("Killing another", async () =>
        {
            another = await fleet.StartAnotherAsync();
            await Task.Delay(Interval);
            AddRecovery(
                report, $"{metric}_recovery_s", await run.RecoveryAsync(another.KillAsync),
                "kill -9 of one of three gateways, on which a third of the actors live and to which no client is connected, until the last update that a friend did not receive");
        });
        totals.Add(run);
    }

    private static async Task WithoutEtcdAsync(FailoverFleet fleet, TimeSpan time)
    {
        await fleet.Etcd!.KillAsync();
        await Task.Delay(time);
        await fleet.Etcd.RestartAsync();
    }

    // What cannot be done is told, its metrics stay missing, and the next step follows.
    private static async Task TryAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or HttpRequestException)
        {
            Report.Stage($"This failed: {e.Message}");
        }
    }

    private static async Task AddLostAsync(Report report, string metric, Run run, Func<Task> change, bool isTarget = true)
    {
        var (lost, expected) = await run.LostAsync(change);
        report.Add(
            metric, lost, "updates", isTarget ? "0" : "report", isTarget ? lost == 0 : null,
            $"of {expected:N0} that friends should have received, from an interval before the change to two after it");
    }

    private static void AddRecovery(Report report, string metric, TimeSpan recovery, string conditions) =>
        report.Add(metric, recovery.TotalSeconds, "s", "<= 10", recovery.TotalSeconds <= 10, conditions);

    /// <summary>What all runs come to.</summary>
    private sealed class Totals
    {
        public long Duplicates { get; private set; }

        public long Reconnects { get; private set; }

        public int WrongLists { get; set; }

        public int Looks { get; set; }

        public void Add(Run run)
        {
            Duplicates += run.Ledger.Duplicates;
            Reconnects += run.Reconnects;
        }
    }

    /// <summary>One fleet with its moving clients.</summary>
    private sealed class Run(Crowd crowd, Walkers walkers, Totals totals)
    {
        public Ledger Ledger { get; } = new(crowd, walkers);

        public long Reconnects => walkers.Reconnects;

        /// <summary>One step, an interval after the one before.</summary>
        public async Task TryAsync(string stage, Func<Task> step)
        {
            Report.Stage(stage);
            walkers.Walk();
            await Task.Delay(Interval);
            await FailoverBenchmark.TryAsync(step);
        }

        /// <summary>Updates lost around a change, of those that friends should have received.</summary>
        public async Task<(long Lost, long Expected)> LostAsync(Func<Task> change)
        {
            var from = Stopwatch.GetTimestamp();
            await Task.Delay(Interval);
            await change();
            await Task.Delay(Interval);
            await LookAsync();
            var to = Stopwatch.GetTimestamp();
            return (Ledger.Lost(from, to), Ledger.Expected(from, to));
        }

        /// <summary>From a server's death until nothing is lost any more.</summary>
        public async Task<TimeSpan> RecoveryAsync(Func<Task> kill)
        {
            var from = Stopwatch.GetTimestamp();
            await kill();
            await Task.Delay(MostRecovery);
            await LookAsync();
            return Ledger.LastLostAfter(from, Stopwatch.GetTimestamp());
        }

        // One interval after a change everybody stands still, what is under way arrives, and each list must be right.
        private async Task LookAsync()
        {
            await Task.Delay(Interval);
            walkers.Stand();
            totals.Looks++;
            var wrong = 0;
            try
            {
                await Eventually.True(() => (wrong = WrongLists()) == 0, "every list is right", Settled);
            }
            catch (TimeoutException)
            {
                totals.WrongLists += wrong;
            }
        }

        private int WrongLists() => Enumerable.Range(0, crowd.Count).Count(user =>
        {
            var list = walkers.Clients[user].List;
            return list.Friends.Count != crowd.FriendCount
                || crowd.FriendsOf(user).Any(friend => list.Find(Crowd.IdOf(friend)) is not { } shown || shown.Time != Ledger.LastOf(friend));
        });
    }
}
