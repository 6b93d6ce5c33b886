using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The page on every kind of screen: axe finds nothing, and the list can be reached.</summary>
[Collection<SharedSystemTests>]
public sealed class ScreenTests(SharedSystem shared, Browser browser)
{
    private LiveSystem System => shared.System;

    public static TheoryData<string, int, int, string> Screens => new()
    {
        { "desk", 1280, 800, "" },
        { "desk-dark", 1280, 800, "dark" },
        { "desk-forced", 1280, 800, "forced" },
        { "desk-200", 640, 400, "" },
        { "tablet", 768, 1024, "" },
        { "phone", 360, 740, "" },
        { "phone-dark", 360, 740, "dark" },
        { "phone-forced", 360, 740, "forced" },
    };

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task On_every_screen_the_list_is_there_and_axe_finds_nothing(string name, int width, int height, string colours)
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        var friends = await System.NewFriendsAsync(ada, 8, i => (37.788 + (0.003 * (i + 1)), -122.41 - (0.002 * i)));
        await using var page = await MapPage.OpenAsync(browser, System, ada, options =>
        {
            options.ViewportSize = new() { Width = width, Height = height };
            options.ColorScheme = colours == "dark" ? ColorScheme.Dark : ColorScheme.Light;
            options.ForcedColors = colours == "forced" ? ForcedColors.Active : ForcedColors.None;
        });
        Assert.Empty(await page.AccessibilityProblemsAsync());
        await page.PictureAsync($"{name}-first");
        await page.MoveMeAsync();
        await Expect(page.Friends).ToHaveCountAsync(8);

        await Expect(page.Friends.First).ToBeInViewportAsync(new() { Ratio = 1 });
        if (height >= 740)
        {
            await Expect(page.Friends.Nth(2)).ToBeInViewportAsync(new() { Ratio = 1 });
        }

        Assert.InRange(await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        Assert.Empty(await page.AccessibilityProblemsAsync());
        await page.PictureAsync($"{name}-nearby");

        await page.Friend(friends[0]).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Card).ToBeVisibleAsync();
        Assert.Empty(await page.AccessibilityProblemsAsync());
        await page.PictureAsync($"{name}-card");

        await page.Card.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "QR code" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Img, new() { Name = "QR code of the link" })).ToBeVisibleAsync();
        Assert.Empty(await page.AccessibilityProblemsAsync());
        await page.PictureAsync($"{name}-people");
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task In_forced_colours_the_sharing_switch_shows_its_state()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await using var page = await MapPage.OpenAsync(browser, System, ada, options => options.ForcedColors = ForcedColors.Active);
        var toggle = page.Page.GetByRole(AriaRole.Switch, new() { Name = "Share my location" });
        await Expect(toggle).ToBeCheckedAsync();
        var on = await TrackAsync(page);
        await toggle.ClickAsync();
        await Expect(toggle).Not.ToBeCheckedAsync();

        Assert.NotEqual(on, await TrackAsync(page));
    }

    [Fact]
    public async Task In_Korean_no_heading_is_English()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("77");
        await System.NewFriendsAsync(ada, 1, _ => (37.79, -122.41));
        await using var page = await MapPage.OpenAsync(browser, System, ada, options => options.Locale = "ko-KR");
        await page.Page.GetByRole(AriaRole.Radio).First.ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "주변 친구" })).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Tab).Last.ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "내 정보" })).ToBeVisibleAsync();

        var headings = await page.Page.GetByRole(AriaRole.Heading).AllTextContentsAsync();
        Assert.DoesNotContain(headings, heading => heading.Any(char.IsAsciiLetter));
    }

    private static Task<string> TrackAsync(MapPage page) =>
        page.Page.EvaluateAsync<string>("(({ backgroundColor, borderTopStyle }) => `${borderTopStyle} ${backgroundColor}`)(getComputedStyle(document.querySelector('.track')))");
}
