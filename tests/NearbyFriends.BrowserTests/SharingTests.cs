using Microsoft.Playwright;
using NearbyFriends.TestServers;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>Until when one shares, and with whom how exactly.</summary>
[Collection<SharedSystemTests>]
public sealed class SharingTests(SharedSystem shared, Browser browser)
{
    private LiveSystem System => shared.System;

    [Fact]
    public async Task One_line_says_with_whom_and_until_when_and_each_friend_sees_what_was_chosen()
    {
        await browser.NeedAsync();
        var (ada, bo) = (await System.NewUserAsync("Ada"), await System.NewUserAsync("Bo"));
        await ada.BefriendAsync(bo);
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        await bo.MoveAsync(37.79, -122.41);
        await Eventually.True(() => bo.Sees.Count == 1, "Bo sees Ada");
        var line = page.Page.Locator("#sharing-line");
        await Expect(line).ToHaveTextAsync("Sharing with 1 friend.");

        await line.ClickAsync();
        var sheet = page.Page.GetByRole(AriaRole.Dialog, new() { Name = "Sharing" });
        await sheet.GetByRole(AriaRole.Button, new() { Name = "1 hour" }).ClickAsync();
        await Expect(line).ToContainTextAsync("Sharing with 1 friend until ");
        Assert.NotNull((await ada.Api.MeAsync(TestContext.Current.CancellationToken)).SharingUntil);

        var choice = sheet.GetByLabel("What Bo sees of you");
        await choice.SelectOptionAsync("approximate");
        await Eventually.True(() => bo.Sees is [{ IsApproximate: true }], "Bo sees roughly where Ada is");
        await choice.SelectOptionAsync("nothing hour");
        await Eventually.True(() => bo.Sees.Count == 0, "Bo sees nothing of Ada");
        await Expect(line).ToContainTextAsync("Sharing with none of your friends until");

        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(sheet).ToHaveCountAsync(0);
        await Expect(line).ToBeFocusedAsync();
        await page.Friend(bo).GetByRole(AriaRole.Button).ClickAsync();
        await page.Card.GetByLabel("What Bo sees of you").SelectOptionAsync("exact");
        await Eventually.True(() => bo.Sees is [{ IsApproximate: false }], "Bo sees where Ada is");
        Assert.Empty(page.AllErrors);
    }
}
