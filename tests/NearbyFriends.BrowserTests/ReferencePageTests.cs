using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The page on which developers try the API out, and those that they read.</summary>
[Collection<SharedSystemTests>]
public sealed class ReferencePageTests(SharedSystem shared, Browser browser)
{
    [Fact]
    public async Task A_call_can_be_tried_at_once_without_pasting_a_token()
    {
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(shared.System.Api, "/docs/").ToString());

        var call = page.Locator("#operations-Me-getMe");
        await Expect(call.GetByRole(AriaRole.Button, new() { Name = "authorization button locked" })).ToBeVisibleAsync();
        await call.Locator(".opblock-summary-control").ClickAsync();
        await call.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).ClickAsync();
        await call.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();

        await Expect(call.Locator(".live-responses-table")).ToContainTextAsync("\"userName\": \"visitor\"");
    }

    [Theory]
    [InlineData("/asyncapi")]
    [InlineData("/problems")]
    [InlineData("/problems/not-sharing")]
    public async Task A_page_to_read_is_no_wider_than_a_phone(string path)
    {
        var chromium = await browser.NeedAsync();
        await using var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = 360, Height = 740 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(shared.System.Api, path).ToString());

        // Examples scroll by themselves.
        var wide = await page.EvaluateAsync<string[]>("[document.documentElement, ...document.querySelectorAll('main, table')].filter(e => e.scrollWidth > 360).map(e => e.tagName)");

        Assert.Empty(wide);
    }

    [Theory]
    [InlineData("problems", "Problem types")]
    [InlineData("asyncapi", "NearbyFriends")]
    public async Task Axe_finds_nothing_on_a_page_of_the_reference(string path, string heading)
    {
        await browser.NeedAsync();
        await using var page = await MapPage.OpenAsync(browser, shared.System, "/" + path);
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = heading }).First).ToBeVisibleAsync();
        await page.LooksRightAsync($"reference-{path}", inAllColours: true);
        Assert.Empty(page.AllErrors);
    }
}
