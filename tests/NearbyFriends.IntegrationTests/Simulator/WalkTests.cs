using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.Simulator.Walking;
using NearbyFriends.TestServers;
using Spectre.Console;

namespace NearbyFriends.IntegrationTests.Simulator;

public sealed class WalkTests(Servers servers)
{
    [Fact]
    public async Task Walkers_see_each_other_until_the_walk_ends_and_its_table_is_printed()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var walk = new Walk(new(system.Api, system.Gateways), Walkers: 20, Degree: 6, Seed: 1, Every: TimeSpan.FromSeconds(1));
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output), Interactive = InteractionSupport.No });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var walking = walk.RunAsync(console, duration: null, stop.Token);
        await Eventually.True(() => walk.Tally.Received > 50 && walk.Tally.Latency.Count > 0, "the walkers see each other", TimeSpan.FromMinutes(1));
        await stop.CancelAsync();
        await walking;

        Assert.Equal(0, walk.Tally.Errors);
        Assert.Contains("friend updates received", output.ToString(), StringComparison.Ordinal);
    }
}
