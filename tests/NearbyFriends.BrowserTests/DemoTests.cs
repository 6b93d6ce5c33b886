using NearbyFriends.Simulator.Walking;
using NearbyFriends.TestServers;
using Spectre.Console;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>What a newcomer sees first.</summary>
[Collection<SharedSystemTests>]
public sealed class DemoTests(SharedSystem shared, Browser browser)
{
    [Fact]
    public async Task The_demo_shows_its_visitor_friends_on_the_map_of_the_city()
    {
        await browser.NeedAsync(drawing: true);
        var system = shared.System;
        var walk = new Walk(new(system.Api, [system.Balancer.Address]), Walkers: 40, Degree: 2, Seed: 1, TimeSpan.FromSeconds(1));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        var walking = walk.RunAsync(AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output) }), duration: null, stop.Token);
        await Eventually.True(() => walk.Tally.Sent > 100 || walking.IsCompleted, "the walkers walk", TimeSpan.FromMinutes(2));
        var visitor = new LiveUser(system, 0, "visitor", "You", "", null!);
        await using (var page = await MapPage.OpenAsync(browser, system, visitor))
        {
            await Expect(page.Friends).ToHaveCountAsync(20);
            IReadOnlyDictionary<long, (double Latitude, double Longitude)> before = null!;
            await Eventually.True(async () => (before = await page.MarkersAsync()).Count > 0, "friends are on the map");
            await Eventually.True(
                async () => walking.IsCompleted || (await page.MarkersAsync()).Any(marker => before.TryGetValue(marker.Key, out var was) && was != marker.Value),
                "a friend moves",
                TimeSpan.FromMinutes(3));
            Assert.False(walking.IsCompleted, walking.Exception?.ToString() ?? "The walkers have stopped.");
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
}
