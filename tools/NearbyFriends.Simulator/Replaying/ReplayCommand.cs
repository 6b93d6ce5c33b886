using System.CommandLine;
using NearbyFriends.Simulator.People;
using NearbyFriends.Tools;
using Spectre.Console;

namespace NearbyFriends.Simulator.Replaying;

/// <summary><c>replay</c>: recorded movers, as fast as one likes, and a comparison with what they ought to have seen.</summary>
internal static class ReplayCommand
{
    private const int SyntheticMovers = 60;
    private const double SyntheticDegree = 15;
    private const int SyntheticSeed = 1;

    public static Command Create()
    {
        var file = new Argument<FileInfo?>("file")
        {
            Description = "CSV mover_id,epoch_seconds,lat,lon (.gz too). Without one, movers are made up.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var friends = new Option<FileInfo?>("--friends")
        {
            Description = "CSV user_a,user_b (.gz too), laid on the movers by rank: the mover with the most points stands for the user with the most friends.",
        };
        var speed = new Option<double>("--speed") { Description = "So many times faster than it happened.", DefaultValueFactory = _ => ReplayOptions.Default.Speed };
        var duration = DurationOption.Create("--duration", "Only so much of the recording, such as 2h.");
        var movers = new Option<int>("--movers") { Description = "Only the movers with the most points.", DefaultValueFactory = _ => int.MaxValue };
        var flush = DurationOption.Create("--flush", "How often gateways may send updates: 0.5 to 30 s. Default: 500ms.");
        var slack = DurationOption.Create("--slack", "With --verify: what a message may take beside the flush. Default: 250ms.");
        var verify = new Option<bool>("--verify") { Description = "Compare what everybody saw with what it ought to have been; exit with 2 if it differs." };
        var command = new Command("replay", "Recorded movers.")
        {
            file, friends, speed, duration, movers, flush, slack, verify, Endpoints.ApiOption, Endpoints.GatewayOption,
        };
        command.SetAction((parsed, cancellationToken) => ClientFailures.ReportAsync(async () =>
        {
            var options = new ReplayOptions(
                parsed.GetValue(speed), parsed.GetValue(flush) ?? ReplayOptions.Default.Flush, parsed.GetValue(slack) ?? ReplayOptions.Default.Slack,
                parsed.GetValue(verify));
            if (options.Speed is not (> 0 and <= 10_000))
            {
                throw new InvalidDataException("--speed must lie between 0 and 10000.");
            }

            var (recording, graph) = Load(parsed.GetValue(file), parsed.GetValue(friends), parsed.GetValue(duration), parsed.GetValue(movers));
            return await RunAsync(Terminal.Create(), Endpoints.Find(parsed), recording, graph, options, cancellationToken);
        }));
        return command;
    }

    private static (Recording Recording, IReadOnlyList<(int A, int B)> Friends) Load(FileInfo? file, FileInfo? friends, TimeSpan? duration, int movers)
    {
        if (file is null)
        {
            var made = Synthetic.Make(Math.Min(movers, SyntheticMovers), duration ?? TimeSpan.FromHours(1), SyntheticSeed);
            return (made, FriendGraph.Random(made.Traces.Count, SyntheticDegree, new Random(SyntheticSeed)));
        }

        if (friends is null)
        {
            throw new InvalidDataException("replay needs --friends FILE: who is whose friend.");
        }

        var recording = Recording.Read(file.FullName, duration).Take(movers);
        return (recording, FriendGraph.ByRank(recording.Traces.Count, [.. RecordedFriends.Read(friends.FullName)]));
    }

    private static async Task<int> RunAsync(
        IAnsiConsole console, Endpoints endpoints, Recording recording, IReadOnlyList<(int A, int B)> friends, ReplayOptions options,
        CancellationToken cancellationToken)
    {
        var progress = new ProgressLine(console, TimeSpan.FromSeconds(10));
        using var system = new SystemUnderSimulation(endpoints);
        await progress.ShowAsync("Waiting for the system", () => "not ready", system.WaitUntilReadyAsync(cancellationToken));
        var replay = new Replay(system, recording, friends, options, progress);
        try
        {
            var verdict = await replay.RunAsync(cancellationToken);
            replay.Tally.Print(console, $"{recording.Traces.Count} movers, {options.Speed:0.##} times as fast");
            foreach (var finding in verdict?.Findings ?? [])
            {
                console.WriteLine(finding);
            }

            if (verdict is not null)
            {
                console.WriteLine($"compared besides: {verdict.Stretches:N0} comings and stays, {verdict.Reports:N0} single updates; {verdict.Late:N0} came late, by {verdict.LatestBy} ms at most");
                console.WriteLine(verdict.ToString());
            }

            return verdict is { IsClean: false } ? 2 : 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            replay.Tally.Print(console, "Stopped early");
            return options.Verify ? 3 : 0;
        }
    }
}
