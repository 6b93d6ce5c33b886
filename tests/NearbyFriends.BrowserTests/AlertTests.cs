using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>Being told that a friend came near.</summary>
[Collection<SharedSystemTests>]
public sealed class AlertTests(SharedSystem shared, Browser browser)
{
    private LiveSystem System => shared.System;

    [Fact]
    public async Task A_friend_who_comes_near_is_told_of_once_until_the_notice_is_followed()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        var bo = (await System.NewFriendsAsync(ada, 1, _ => (37.81, -122.4075)))[0];
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        await page.Friend(bo).GetByRole(AriaRole.Button).ClickAsync();
        await page.Card.GetByLabel("Tell me when Friend 01 comes near").SelectOptionAsync("500");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Card).ToHaveCountAsync(0);

        await bo.MoveAsync(37.79, -122.4075);
        var notice = page.Page.GetByRole(AriaRole.Status).GetByText("Friend 01 is near");
        await Expect(notice).ToBeVisibleAsync();
        await page.LooksRightAsync("alert", inAllColours: true);

        await notice.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(notice).ToHaveCountAsync(0);
        await Expect(page.Card.GetByLabel("Tell me when Friend 01 comes near")).ToHaveValueAsync("500");
        await bo.MoveAsync(37.7895, -122.4075);
        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        await Expect(page.Page.GetByLabel("Any friend comes near")).ToHaveValueAsync("");
        await Expect(notice).ToHaveCountAsync(0);
        Assert.Empty(page.AllErrors);

        // A private window has no push service: that is said.
        await page.Page.Context.GrantPermissionsAsync(["notifications"]);
        var push = page.Page.GetByLabel("Also while this page is closed");
        await push.ClickAsync();
        await Expect(page.Page.GetByText("The push service of this browser does not answer")).ToBeVisibleAsync();
        await Expect(push).Not.ToBeCheckedAsync();
        Assert.All(page.AllErrors, error => Assert.Contains("Push API", error, StringComparison.Ordinal));
    }
}
