using NearbyFriends.TestServers;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>One update on its way, as the Aspire dashboard shows it.</summary>
public sealed class TraceTests(Servers servers, Browser browser)
{
    private static readonly string[] Spans =
        ["receive location", "wait for window", "write location-cache", "publish frame", "deliver to watchers", "outbox to socket"];

    [Fact]
    public async Task One_trace_leads_from_the_gateway_that_receives_an_update_to_every_gateway_that_delivers_it()
    {
        await using var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1100, Height = 560 } });
        await using var dashboard = await Dashboard.StartAsync();
        await using var system = await LiveSystem.StartAsync(
            servers,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", dashboard.Telemetry.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_BSP_SCHEDULE_DELAY", "500"));
        var ada = await system.NewUserAsync("Ada");
        await ada.MoveAsync(37.788, -122.4075);
        // Each next connection goes to the other gateway: some of these watch Ada from there.
        await system.NewFriendsAsync(ada, 4, i => (37.789 + (0.001 * i), -122.4075));

        string? trace = null;
        var steps = 0;
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1)); // asked all the time, the dashboard would be busy answering
        await Eventually.True(
            async () =>
            {
                await ada.MoveAsync(37.788 + (0.0001 * (++steps % 2)), -122.4075); // to and fro: she stays near
                await second.WaitForNextTickAsync(TestContext.Current.CancellationToken);
                return (trace = await dashboard.TraceAcrossGatewaysAsync(Spans)) is not null;
            },
            "an update is received on one gateway and delivered on two",
            TimeSpan.FromMinutes(2));

        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(dashboard.Address, $"traces/detail/{trace}").ToString());
        // The page draws only the rows in sight; that the trace has all of them was asked above.
        await Expect(page.GetByText("receive location").First).ToBeVisibleAsync();
        await Expect(page.GetByText("wait for window").First).ToBeVisibleAsync();
        await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures.Folder, "trace.png") });
        Assert.DoesNotContain("37.78", await page.Locator("body").InnerTextAsync(), StringComparison.Ordinal);
    }
}
