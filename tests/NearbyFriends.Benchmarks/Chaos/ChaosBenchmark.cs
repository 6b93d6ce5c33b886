using System.Globalization;

namespace NearbyFriends.Benchmarks.Chaos;

/// <summary><c>./nearby bench chaos [--minutes N] [--seed S] [--quick]</c>: what clients see while everything is killed and frozen at random.</summary>
internal static class ChaosBenchmark
{
    private const int MostLines = 20;
    private static readonly ChaosSize Size = new(Users: 200, Gateways: 3, Workers: 2);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(60);

    /// <summary>Runs for so many minutes.</summary>
    /// <param name="report">Takes the figures.</param>
    /// <param name="arguments">Of the command line.</param>
    /// <param name="quick">Two minutes in place of ten.</param>
    public static async Task RunAsync(Report report, IReadOnlyList<string> arguments, bool quick)
    {
        var rounds = Number(arguments, "--minutes") ?? (quick ? 2 : 10);
        var seed = Number(arguments, "--seed") ?? Random.Shared.Next(1, 1_000_000);
        var result = await new ChaosRun(Size, seed, Report.Stage).RunAsync(rounds, Round);
        foreach (var line in result.Shown.Concat(result.WrongLists).Concat(result.Stuck).Take(MostLines))
        {
            Report.Stage(line);
        }

        var conditions = $"seed {seed}: {result.Faults} times a process killed or frozen in {rounds} x {Round.TotalSeconds} s, of {Size.Gateways} gateways, 2 Apis, {Size.Workers} workers, 5 Redis servers, Postgres and etcd; {Size.Users} clients, {result.Changes} changes of sharing and friendship";
        AddNone("hidden_shown_after_15_s", result.Shown.Count, conditions);
        AddNone("wrong_lists_one_interval_after", result.WrongLists.Count, $"of {Size.Users} lists after each of {rounds} rounds, against what friends sent last");
        AddNone("history_lost", result.History.Lost, "points that the stream server took and that are not stored; it writes its log always");
        AddNone("history_duplicated", result.History.Duplicated + result.History.Unknown, "rows beyond one for each point, or of no point that was sent");
        AddNone("history_of_hidden", result.History.Hidden, "rows of who had hidden 15 s before");
        AddNone("stuck_clients", result.Stuck.Count, "without a session 30 s after everything runs again");
        report.Add("history_stored", result.History.Stored, "count", "report", null, $"of {result.History.Sent:N0} that clients sent, hidden ones too; a killed gateway loses what it buffers");
        report.Write();

        void AddNone(string metric, int count, string conditions) => report.Add(metric, count, "count", "0", count == 0, conditions);
    }

    private static int? Number(IReadOnlyList<string> arguments, string option)
    {
        var at = arguments.ToList().IndexOf(option);
        return at >= 0 && at + 1 < arguments.Count ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : null;
    }
}
