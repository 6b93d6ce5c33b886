using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.Simulator;
using NearbyFriends.Simulator.People;
using NearbyFriends.Simulator.Replaying;
using NearbyFriends.Simulator.Verifying;
using NearbyFriends.TestServers;
using NearbyFriends.Tools;
using Spectre.Console;

namespace NearbyFriends.IntegrationTests.Simulator;

/// <summary>Everybody's list over a whole replay, on two gateways, against what brute force says it ought to be.</summary>
public sealed class ReplayTests(Servers servers)
{
    private const double Speed = 60;

    // Generous to a busy machine: what is certain is certain only after twice this, but then it is.
    private static readonly ReplayOptions Options = new(Speed, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), Verify: true);

    [Fact]
    public async Task Made_up_people_see_exactly_whom_they_ought_to()
    {
        var recording = Synthetic.Make(people: 40, TimeSpan.FromMinutes(30), seed: 7);
        var verdict = await ReplayAsync(recording, FriendGraph.Random(40, 16, new Random(7)));

        Assert.True(verdict.IsClean, $"{verdict}\n{string.Join('\n', verdict.Findings)}");
        Assert.Equal(40, verdict.Watchers);
        Assert.InRange(verdict.Entries, 50, int.MaxValue);
    }

    [Fact]
    public async Task Recorded_cabs_see_exactly_whom_they_ought_to()
    {
        var (cabs, friends) = (Recorded("sf-cabs-36h.csv.gz"), Recorded("gowalla-nyc-friends.csv.gz"));
        Assert.SkipUnless(cabs is not null && friends is not null, "The recorded cabs are not at hand (../shared/data beside the repository).");
        var recording = Recording.Read(cabs, TimeSpan.FromMinutes(10)).Take(60);
        var verdict = await ReplayAsync(recording, FriendGraph.ByRank(60, [.. RecordedFriends.Read(friends)]));

        Assert.True(verdict.IsClean, $"{verdict}\n{string.Join('\n', verdict.Findings)}");
        Assert.InRange(verdict.Entries, 50, int.MaxValue);
    }

    private async Task<Verdict> ReplayAsync(Recording recording, IReadOnlyList<(int A, int B)> friends)
    {
        await using var system = await NearbySystem.StartAsync(
            servers, ("Presence:InactiveAfter", TimeSpan.FromMinutes(10 / Speed).ToString()));
        using var simulated = new SystemUnderSimulation(new(system.Api, system.Gateways));
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output), Interactive = InteractionSupport.No });
        var replay = new Replay(simulated, recording, friends, Options, new ProgressLine(console, TimeSpan.FromSeconds(10)));

        var verdict = await replay.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, replay.Tally.Errors);
        return verdict!;
    }

    private static string? Recorded(string file)
    {
        var path = Path.Combine(Repository.Root, "..", "shared", "data", file);
        return File.Exists(path) ? path : null;
    }
}
