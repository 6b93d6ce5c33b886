using NearbyFriends.Simulator.Walking;
using NearbyFriends.TestServers;
using Spectre.Console;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The promise of the whole: whatever breaks, one update interval later no marker is wrong.</summary>
public sealed class WalkersTests(Servers servers, Browser browser)
{
    private const double WrongMetres = 50;

    /// <summary>So many markers are wrong before the browser is online again.</summary>
    private const int Wrong = 5;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task With_a_gateway_killed_and_the_browser_offline_until_markers_are_wrong_every_marker_is_right_again_without_a_reload()
    {
        await browser.NeedAsync();
        await using var system = await LiveSystem.StartAsync(servers);
        var walk = new Walk(new(system.Api, [system.Balancer.Address]), Walkers: 60, Degree: 4, Seed: 1, Every);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        var walking = walk.RunAsync(AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output) }), duration: null, stop.Token);
        await Eventually.True(() => walk.Tally.Sent > 200 || walking.IsCompleted, "the walkers walk", TimeSpan.FromMinutes(2));
        var visitor = new LiveUser(system, 0, "visitor", "You", "", null!);
        await using var page = await MapPage.OpenAsync(browser, system, visitor);
        await Expect(page.Friends.First).ToBeVisibleAsync();
        await page.Page.EvaluateAsync("window.isTheSamePage = true");

        await system.Gateways[0].KillAsync();
        await RightAsync(page, walk, "after a gateway was killed");

        await page.Page.Context.SetOfflineAsync(true);
        system.PageBalancer.IsCut = true;
        await Expect(page.Live).ToBeHiddenAsync();
        await page.PictureAsync("offline");
        await Eventually.True(async () => Differences(await page.MarkersAsync(), walk.Truth()).Length >= Wrong, "friends have moved on", TimeSpan.FromMinutes(2));
        system.PageBalancer.IsCut = false;
        await page.Page.Context.SetOfflineAsync(false);
        await RightAsync(page, walk, "after being offline");

        Assert.True(await page.Page.EvaluateAsync<bool>("window.isTheSamePage === true"), "the page was loaded anew");
        Assert.Empty(page.Errors);
        await stop.CancelAsync();
        await walking;
    }

    /// <summary>Everybody stands; after an interval and a flush each marker is where its walker is, and no other is there.</summary>
    private static async Task RightAsync(MapPage page, Walk walk, string when)
    {
        await Expect(page.Live).ToBeVisibleAsync();
        walk.StandStill(true);
        var wrong = "nothing was compared";
        try
        {
            await Eventually.True(
                async () =>
                {
                    var differences = Differences(await page.MarkersAsync(), walk.Truth());
                    wrong = string.Join(", ", differences);
                    return differences.Length == 0;
                },
                $"every marker is right {when}",
                TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{when}: {wrong}");
        }
        finally
        {
            walk.StandStill(false);
        }
    }

    private static string[] Differences(
        IReadOnlyDictionary<long, (double Latitude, double Longitude)> markers, IReadOnlyDictionary<long, WalkerTruth> truth)
    {
        // Whose phone has no signal has not told yet where they are.
        var wrong = markers
            .Where(marker => !truth.TryGetValue(marker.Key, out var walker)
                || (walker.IsHeard && walker.Spot.MetresTo(new(marker.Value.Latitude, marker.Value.Longitude)) > WrongMetres))
            .Select(marker => truth.TryGetValue(marker.Key, out var walker)
                ? $"{walker.Name} is {walker.Spot.MetresTo(new(marker.Value.Latitude, marker.Value.Longitude)):0} m off"
                : $"{marker.Key} is a ghost");
        // Well inside the radius, so that nobody is on its edge.
        var missing = truth
            .Where(walker => walker.Value.IsFriendOfVisitor && walker.Value.IsHeard && !markers.ContainsKey(walker.Key)
                && walker.Value.Spot.MetresTo(Spot.UnionSquare) < 7_900)
            .Select(walker => $"{walker.Value.Name} is missing");
        return [.. wrong, .. missing];
    }
}
