using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The page on which developers try the API out.</summary>
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
