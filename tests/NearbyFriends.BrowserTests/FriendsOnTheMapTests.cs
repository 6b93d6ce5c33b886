using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>What a person does with the page, and sees.</summary>
[Collection<SharedSystemTests>]
public sealed class FriendsOnTheMapTests(SharedSystem shared, Browser browser)
{
    private LiveSystem System => shared.System;

    [Fact]
    public async Task Two_browsers_see_each_other_move_and_an_unfriended_one_is_gone_from_both()
    {
        await browser.NeedAsync();
        var (ada, bo) = (await System.NewUserAsync("Ada"), await System.NewUserAsync("Bo"));
        await ada.BefriendAsync(bo);
        await using var adas = await MapPage.OpenAsync(browser, System, ada);
        await using var bos = await MapPage.OpenAsync(browser, System, bo);
        await adas.MoveMeAsync();
        await bos.MoveMeAsync();
        await adas.SeesAsync(bo);
        await bos.SeesAsync(ada);

        var before = await bos.Marker(ada).GetAttributeAsync("data-lat");
        await adas.Page.GetByRole(AriaRole.Button, new() { Name = "You are here" }).PressAsync("Shift+ArrowUp");
        await Expect(bos.Marker(ada)).Not.ToHaveAttributeAsync("data-lat", before!);

        await adas.Friend(bo).GetByRole(AriaRole.Button).ClickAsync();
        await adas.Card.GetByRole(AriaRole.Button, new() { Name = "Unfriend" }).ClickAsync();
        await adas.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Unfriend" }).ClickAsync();
        await adas.SeesNoMoreAsync(bo);
        await bos.SeesNoMoreAsync(ada);
        Assert.Empty(adas.AllErrors);
        Assert.Empty(bos.AllErrors);
    }

    [Fact]
    public async Task Friends_come_twenty_at_a_time_nearest_first_and_axe_has_nothing_against_the_page()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await System.NewFriendsAsync(ada, 45, i => (37.788 + (0.001 * (i + 1)), -122.4075));
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();

        await Expect(page.Friends).ToHaveCountAsync(20);
        await Expect(page.Friends.First).ToContainTextAsync("Friend 01");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Show 20 more" }).ClickAsync();
        await Expect(page.Friends).ToHaveCountAsync(40);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Show 5 more" }).ClickAsync();
        await Expect(page.Friends).ToHaveCountAsync(45);
        await Expect(page.Friends.Last).ToContainTextAsync("Friend 45");

        Assert.Empty(await page.AccessibilityProblemsAsync());
        await page.PictureAsync("page");
        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        Assert.Empty(await page.AccessibilityProblemsAsync());
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task On_a_phone_nothing_is_wider_than_the_screen_and_touch_is_enough()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        var friends = await System.NewFriendsAsync(ada, 6, i => (37.788 + (0.002 * (i + 1)), -122.41));
        await using var page = await MapPage.OpenAsync(browser, System, ada, options =>
            (options.ViewportSize, options.HasTouch, options.IsMobile, options.DeviceScaleFactor, options.ColorScheme) =
                (new() { Width = 360, Height = 740 }, true, true, 2, ColorScheme.Dark));

        await page.Page.GetByRole(AriaRole.Radio, new() { Name = "Move me" }).TapAsync();
        await page.SeesAsync(friends[0]);

        Assert.InRange(await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, 360);
        await page.PictureAsync("phone");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Show more of the list" }).TapAsync();
        await page.Friend(friends[5]).GetByRole(AriaRole.Button).First.TapAsync();
        await page.PictureAsync("phone-list");
        Assert.Empty(await page.AccessibilityProblemsAsync());
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task The_keyboard_is_enough_to_sign_in_be_somewhere_and_select_a_friend()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        var friends = await System.NewFriendsAsync(ada, 1, _ => (37.79, -122.41));
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        // As somebody who has to type it.
        await page.Page.GotoAsync(System.Api.ToString());
        await Expect(page.Page.Locator("#user-name")).ToBeVisibleAsync();
        await TabToAsync(page, "#user-name");
        await page.Page.Keyboard.TypeAsync(ada.UserName);
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Ada" })).ToBeVisibleAsync();

        await TabToAsync(page, "input[name=place]");
        await page.Page.Keyboard.PressAsync("Space");
        await page.SeesAsync(friends[0]);
        await TabToAsync(page, $"li[data-friend='{friends[0].Id}'] .friend-main");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Friend(friends[0]).GetByRole(AriaRole.Button).First).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.Empty(page.AllErrors);
    }

    private static async Task TabToAsync(MapPage page, string selector)
    {
        for (var presses = 0; presses < 60; presses++)
        {
            if (await page.Page.EvaluateAsync<bool>("selector => document.activeElement?.matches(selector) ?? false", selector))
            {
                return;
            }

            await page.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab does not lead to {selector}.");
    }
}
