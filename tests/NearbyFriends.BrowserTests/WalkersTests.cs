using NearbyFriends.Simulator.Walking;
using NearbyFriends.TestServers;
using Spectre.Console;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The promise of the whole: whatever breaks, one update interval later no marker is wrong.</summary>
public sealed class WalkersTests(Servers servers, Browser browser)
{
    private const double WrongMetres = 50;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Offline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task With_a_gateway_killed_and_the_browser_offline_for_a_minute_every_marker_is_right_again_without_a_reload()
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
        await Task.Delay(Offline, TestContext.Current.CancellationToken);
        system.PageBalancer.IsCut = false;
        await page.Page.Context.SetOfflineAsync(false);
        await RightAsync(page, walk, "after a minute offline");

        Assert.True(await page.Page.EvaluateAsync<bool>("window.isTheSamePage === true"), "the page was loaded anew");
        Assert.Empty(page.Errors);
        await stop.CancelAsync();
        await walking;
    }

    [Fact]
    public async Task The_demo_shows_its_visitor_friends_on_the_map_of_the_city()
    {
        await browser.NeedAsync(drawing: true);
        await using var system = await LiveSystem.StartAsync(servers);
        var walk = new Walk(new(system.Api, [system.Balancer.Address]), Walkers: 40, Degree: 2, Seed: 1, Every);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        var walking = walk.RunAsync(AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output) }), duration: null, stop.Token);
        await Eventually.True(() => walk.Tally.Sent > 100 || walking.IsCompleted, "the walkers walk", TimeSpan.FromMinutes(2));
        var visitor = new LiveUser(system, 0, "visitor", "You", "", null!);
        await using (var page = await MapPage.OpenAsync(browser, system, visitor))
        {
            await Expect(page.Friends).ToHaveCountAsync(20);
            var before = await page.MarkersAsync();
            await Eventually.True(
                async () => (await page.MarkersAsync()).Any(marker => before.TryGetValue(marker.Key, out var was) && was != marker.Value),
                "a friend moves",
                TimeSpan.FromMinutes(3));
            Assert.Empty(page.AllErrors);
        }

        // The full map takes all of a processor that has to draw it without a graphics card: a picture of it is enough.
        await using var drawn = await MapPage.OpenAsync(browser, system, visitor, options => options.ViewportSize = new() { Width = 900, Height = 560 }, drawing: true);
        await Expect(drawn.Friends).ToHaveCountAsync(20);
        await drawn.PictureAsync("demo");
        Assert.Empty(drawn.AllErrors);
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
                    wrong = Differences(await page.MarkersAsync(), walk.Truth());
                    return wrong.Length == 0;
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

    private static string Differences(
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
        return string.Join(", ", wrong.Concat(missing));
    }
}
