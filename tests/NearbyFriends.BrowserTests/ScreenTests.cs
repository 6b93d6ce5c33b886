using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>Every screen of the page in every size and colours: axe finds nothing, nothing is cut off, and the list can be reached.</summary>
[Collection<SharedSystemTests>]
public sealed class ScreenTests(SharedSystem shared, Browser browser)
{
    private LiveSystem System => shared.System;

    /// <summary>Name, size, and whether in other colours than light too. A window of 1280 x 800 at 200 % has half as many CSS pixels.</summary>
    public static TheoryData<string, int, int, bool> Sizes => new()
    {
        { "desk", 1280, 800, true },
        { "desk-200", 640, 400, false },
        { "tablet", 768, 1024, false },
        { "phone", 360, 740, true },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task On_every_screen_the_list_is_there_and_axe_finds_nothing(string name, int width, int height, bool inAllColours)
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
        Task LooksRightAsync(string screen) => page.LooksRightAsync($"{name}-{screen}", inAllColours);
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

    [Theory]
    [InlineData(1280, 800)]
    [InlineData(768, 1024)]
    [InlineData(360, 740)]
    public async Task In_Korean_no_heading_is_English_and_axe_finds_nothing(int width, int height)
    {
        await browser.NeedAsync();
        await System.KeepHistoryAsync();
        var ada = await System.NewUserAsync("77");
        var friends = await System.NewFriendsAsync(ada, 2, i => (37.79 + (0.01 * i), -122.41));
        await ada.WalkAsync();
        await using var page = await MapPage.OpenAsync(
            browser, System, ada, options => (options.Locale, options.ViewportSize) = ("ko-KR", new() { Width = width, Height = height }));
        async Task LooksRightAsync(string screen, string heading)
        {
            await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true })).ToBeVisibleAsync();
            // But for friends' names.
            var headings = await page.Page.GetByRole(AriaRole.Heading).AllTextContentsAsync();
            Assert.DoesNotContain(headings, text => !text.StartsWith("Friend", StringComparison.Ordinal) && text.Any(char.IsAsciiLetter));
            await page.LooksRightAsync($"korean-{width}-{screen}");
        }

        await page.Page.GetByRole(AriaRole.Radio).First.ClickAsync();
        await page.SeesAsync(friends[1]);
        await LooksRightAsync("nearby", "주변 친구 2명");
        await page.Friend(friends[0]).GetByRole(AriaRole.Button).ClickAsync();
        await LooksRightAsync("card", friends[0].DisplayName);
        await page.Card.GetByRole(AriaRole.Button, new() { Name = "닫기" }).ClickAsync();

        await page.Page.Locator("#sharing-line").ClickAsync();
        await LooksRightAsync("sharing", "위치 공유");
        await page.Page.Keyboard.PressAsync("Escape");

        await page.Page.GetByRole(AriaRole.Tab).Last.ClickAsync();
        await LooksRightAsync("people", "내 정보");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "내 휴대전화" }).ClickAsync();
        await LooksRightAsync("phones", "내 휴대전화");
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "나의 하루" }).ClickAsync();
        await LooksRightAsync("day", "나의 하루");
        Assert.Empty(page.AllErrors);
    }

    private static Task<string> TrackAsync(MapPage page) =>
        page.Page.EvaluateAsync<string>("(({ backgroundColor, borderTopStyle }) => `${borderTopStyle} ${backgroundColor}`)(getComputedStyle(document.querySelector('.track')))");
}
