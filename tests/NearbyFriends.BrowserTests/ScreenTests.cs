using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>Every screen of the page in every size and colours: axe finds nothing, nothing is cut off, and the list can be reached.</summary>
[Collection<SharedSystemTests>]
public sealed class ScreenTests(SharedSystem shared, Browser browser)
{
    private static readonly Dictionary<string, PageEmulateMediaOptions> Colours = new(StringComparer.Ordinal)
    {
        [""] = new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.None },
        ["-dark"] = new() { ColorScheme = ColorScheme.Dark, ForcedColors = ForcedColors.None },
        ["-forced"] = new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.Active },
    };

    private LiveSystem System => shared.System;

    /// <summary>Name, size, and colours beside light. A window of 1280 x 800 at 200 % has half as many CSS pixels.</summary>
    public static TheoryData<string, int, int, string[]> Sizes => new()
    {
        { "desk", 1280, 800, ["-dark", "-forced"] },
        { "desk-200", 640, 400, [] },
        { "tablet", 768, 1024, [] },
        { "phone", 360, 740, ["-dark", "-forced"] },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task On_every_screen_the_list_is_there_and_axe_finds_nothing(string name, int width, int height, string[] colours)
    {
        await browser.NeedAsync();
        await System.KeepHistoryAsync();
        var ada = await System.NewUserAsync("Ada");
        var friends = await System.NewFriendsAsync(ada, 7, i => (37.788 + (0.003 * (i + 1)), -122.41 - (0.002 * i)));
        await ada.WalkAsync();
        var silent = await System.NewUserAsync("Friend 08");
        await ada.BefriendAsync(silent);
        await silent.MoveAsync(37.76, -122.43, TimeSpan.FromMinutes(7));
        await using var page = await MapPage.OpenAsync(browser, System, ada, options => options.ViewportSize = new() { Width = width, Height = height });
        Task LooksRightAsync(string screen) => LooksRightInAllColoursAsync(page, $"{name}{{0}}-{screen}", width, colours);
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Ada" })).ToBeVisibleAsync();
        await LooksRightAsync("first");

        await page.MoveMeAsync();
        await Expect(page.Friends).ToHaveCountAsync(8);
        await Expect(page.Friends.First).ToBeInViewportAsync(new() { Ratio = 1 });
        if (height >= 740)
        {
            await Expect(page.Friends.Nth(2)).ToBeInViewportAsync(new() { Ratio = 1 });
        }

        await Expect(page.Marker(silent)).ToHaveAttributeAsync("data-age", "fading");
        await LooksRightAsync("nearby");

        await page.Friend(friends[0]).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Card).ToBeVisibleAsync();
        await LooksRightAsync("card");
        await page.Card.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        await page.Page.Locator("#sharing-line").ClickAsync();
        await page.Page.GetByLabel("What Friend 02 sees of you").SelectOptionAsync("approximate hour");
        await page.Page.GetByLabel("What Friend 03 sees of you").SelectOptionAsync("nothing");
        await LooksRightAsync("sharing");
        await page.Page.Keyboard.PressAsync("Escape");

        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "QR code" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Img, new() { Name = "QR code of the link" })).ToBeVisibleAsync();
        await page.Page.GetByLabel("More about Friend 06").ClickAsync();
        await Expect(page.Page.GetByLabel("Tell me when Friend 06 comes near")).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Block" })).ToBeInViewportAsync(new() { Ratio = 1 });
        await LooksRightAsync("people");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "My phones" }).ClickAsync();
        await page.AddPhoneAsync("Pixel");
        await LooksRightAsync("phones");
        await page.Page.Keyboard.PressAsync("Escape");

        await page.OpenDayAsync();
        await LooksRightAsync("day");
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
        await page.Page.Locator("#sharing-line").ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "위치 공유", Exact = true })).ToBeVisibleAsync();

        var headings = await page.Page.GetByRole(AriaRole.Heading).AllTextContentsAsync();
        Assert.DoesNotContain(headings, heading => heading.Any(char.IsAsciiLetter));
        await page.PictureAsync("korean-sharing");
    }

    /// <summary>Dark colours change no more than what axe says of contrasts; forced ones are the system's.</summary>
    private static async Task LooksRightInAllColoursAsync(MapPage page, string name, int width, string[] colours)
    {
        Assert.Empty(await page.AccessibilityProblemsAsync());
        Assert.InRange(await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        await page.PictureAsync(string.Format(null, name, ""));
        foreach (var other in colours)
        {
            await page.Page.EmulateMediaAsync(Colours[other]);
            if (other == "-dark")
            {
                Assert.Empty(await page.AccessibilityProblemsAsync("color-contrast"));
            }

            await page.PictureAsync(string.Format(null, name, other));
        }

        await page.Page.EmulateMediaAsync(Colours[""]);
    }

    private static Task<string> TrackAsync(MapPage page) =>
        page.Page.EvaluateAsync<string>("(({ backgroundColor, borderTopStyle }) => `${borderTopStyle} ${backgroundColor}`)(getComputedStyle(document.querySelector('.track')))");
}
