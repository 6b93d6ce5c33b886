using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The page of an operator.</summary>
[Collection<SharedSystemTests>]
public sealed class OperationsPageTests(SharedSystem shared, Browser browser)
{
    [Theory]
    [InlineData(1280, 800, true)]
    [InlineData(640, 400, false)]
    [InlineData(768, 1024, false)]
    [InlineData(360, 740, true)]
    public async Task Every_gateway_is_listed_the_latency_says_what_it_contains_and_axe_finds_nothing(int width, int height, bool inAllColours)
    {
        await browser.NeedAsync();
        await using var page = await MapPage.OpenAsync(
            browser, shared.System, await shared.System.NewUserAsync("Ada"), options => options.ViewportSize = new() { Width = width, Height = height });
        await page.Page.GotoAsync(new Uri(shared.System.Api, "/ops").ToString());

        await Expect(page.Page.Locator("tr[data-gateway]")).ToHaveCountAsync(2);
        await Expect(page.Page.Locator("tr[data-server]")).ToHaveCountAsync(2);
        await Expect(page.Page.GetByText("Contains the wait for each client’s pace")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("From the receipt of an update to the outboxes")).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Alerts" })).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("since all gateways have read who shares")).ToBeVisibleAsync();
        await page.LooksRightAsync($"operations-{width}", inAllColours);

        await page.Page.GetByLabel("Language").SelectOptionAsync("ko");
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "운영" })).ToBeVisibleAsync();
        Assert.All(await page.Page.GetByRole(AriaRole.Heading).AllTextContentsAsync(), heading => Assert.Contains(heading, letter => letter is >= '가' and <= '힣'));
        await page.LooksRightAsync($"operations-{width}-korean");
        Assert.Empty(page.AllErrors);
    }
}
