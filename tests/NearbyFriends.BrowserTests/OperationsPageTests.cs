using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The page of an operator.</summary>
[Collection<SharedSystemTests>]
public sealed class OperationsPageTests(SharedSystem shared, Browser browser)
{
    [Theory]
    [InlineData(1280)]
    [InlineData(360)]
    public async Task Every_gateway_is_listed_the_latency_says_what_it_contains_and_axe_finds_nothing(int width)
    {
        await browser.NeedAsync();
        await using var page = await MapPage.OpenAsync(
            browser, shared.System, await shared.System.NewUserAsync("Ada"), options => options.ViewportSize = new() { Width = width, Height = 900 });
        await page.Page.GotoAsync(new Uri(shared.System.Api, "/ops").ToString());

        await Expect(page.Page.Locator("tr[data-gateway]")).ToHaveCountAsync(2);
        await Expect(page.Page.Locator("tr[data-server]")).ToHaveCountAsync(2);
        await Expect(page.Page.GetByText("Contains the wait for each client’s pace")).ToBeVisibleAsync();
        Assert.Empty(await page.AccessibilityProblemsAsync());
        Assert.InRange(await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        await page.PictureAsync($"operations-{width}");
        Assert.Empty(page.AllErrors);
    }
}
