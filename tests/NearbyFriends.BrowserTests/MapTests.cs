using Microsoft.Playwright;
using NearbyFriends.TestServers;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>What the map shows, and what a hand on it does.</summary>
[Collection<SharedSystemTests>]
public sealed class MapTests(SharedSystem shared, Browser browser)
{
    private LiveSystem System => shared.System;

    [Fact]
    public async Task A_friend_across_the_antimeridian_is_drawn_beside_oneself()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        var friends = await System.NewFriendsAsync(ada, 1, _ => (-17, -179.97));
        await using var page = await MapPage.OpenAsync(browser, System, ada, options =>
            (options.Permissions, options.Geolocation) = (["geolocation"], new() { Latitude = -17, Longitude = 179.97f }));
        await page.Page.GetByRole(AriaRole.Radio, new() { Name = "My device" }).ClickAsync();
        await page.SeesAsync(friends[0]);

        await Eventually.True(
            async () =>
            {
                var (me, friend) = (await MapPage.MiddleAsync(page.Me), await MapPage.MiddleAsync(page.Marker(friends[0]).Locator(".avatar")));
                return friend.X > me.X && friend.X < 1280 && Math.Abs(friend.Y - me.Y) < 40;
            },
            "the friend is east of oneself on the screen");

        await page.Page.Context.SetGeolocationAsync(new() { Latitude = -17, Longitude = -179.98f });
        await Eventually.True(
            async () =>
            {
                var (me, friend) = (await MapPage.MiddleAsync(page.Me), await MapPage.MiddleAsync(page.Marker(friends[0]).Locator(".avatar")));
                return me.X > 0 && friend.X > me.X && friend.X < 1280;
            },
            "oneself has crossed too, and both are on the screen");
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task Friends_at_one_point_are_a_count_that_opens_into_each_of_them()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        var friends = await System.NewFriendsAsync(ada, 5, _ => (37.8, -122.42));
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        await Expect(page.Friends).ToHaveCountAsync(5);

        await page.Page.Locator(".cluster", new() { HasText = "5" }).ClickAsync();
        foreach (var friend in friends)
        {
            await page.Marker(friend).Locator(".avatar").ClickAsync();
            await Expect(page.Card.GetByRole(AriaRole.Heading)).ToHaveTextAsync(friend.DisplayName);
        }

        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Card).ToHaveCountAsync(0);
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task Everyone_nearby_is_on_the_map_listed_or_not()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await System.NewFriendsAsync(ada, 45, i => (37.788 + (0.001 * i), -122.42));
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();

        await Expect(page.Friends).ToHaveCountAsync(20);
        await Expect(page.Page.Locator(".marker[data-friend]")).ToHaveCountAsync(45);
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task A_tap_on_the_map_moves_nobody_until_it_is_confirmed()
    {
        await browser.NeedAsync();
        var (ada, bo) = (await System.NewUserAsync("Ada"), await System.NewUserAsync("Bo"));
        await ada.BefriendAsync(bo);
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        await bo.MoveAsync(37.79, -122.41);
        await Eventually.True(() => bo.Sees.Count == 1, "Bo sees Ada");
        var before = bo.Sees[0].Latitude;
        var question = page.Page.GetByRole(AriaRole.Alertdialog);
        await Expect(page.Me).ToBeVisibleAsync(); // the map is there, and takes taps

        await page.Page.Mouse.ClickAsync(900, 200);
        await question.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(question).ToHaveCountAsync(0);
        Assert.Equal(before, bo.Sees[0].Latitude);

        await page.Page.Mouse.ClickAsync(900, 200);
        await question.GetByRole(AriaRole.Button, new() { Name = "Move here" }).ClickAsync();
        await Eventually.True(() => bo.Sees.Count == 1 && bo.Sees[0].Latitude > before, "Bo sees that Ada moved north");
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task No_marker_lies_above_the_buttons()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        var friends = await System.NewFriendsAsync(ada, 1, _ => (37.8, -122.39));
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        await page.SeesAsync(friends[0]);
        var avatar = page.Marker(friends[0]).Locator(".avatar");
        var button = await MapPage.MiddleAsync(page.Page.GetByRole(AriaRole.Button, new() { Name = "Zoom in" }));
        var friend = await MapPage.StillMiddleAsync(avatar);

        await DragMapAsync(page, button.X - friend.X, button.Y - friend.Y);
        await Eventually.True(async () => Math.Abs((await MapPage.MiddleAsync(avatar)).X - button.X) < 10, "the friend is where the button is");

        Assert.Equal("Zoom in", await page.Page.EvaluateAsync<string>(
            "({ x, y }) => document.elementFromPoint(x, y).closest('button').getAttribute('aria-label')", new { x = (double)button.X, y = (double)button.Y }));
    }

    [Fact]
    public async Task The_map_follows_oneself_until_somebody_drags_it_and_comes_back_by_its_button()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        var middle = await MapPage.StillMiddleAsync(page.Me);
        await WalkAsync(page, 25);
        Assert.InRange((await MapPage.StillMiddleAsync(page.Me)).Y, middle.Y - 120, middle.Y + 40);

        await DragMapAsync(page, 0, 200);
        var dragged = await MapPage.StillMiddleAsync(page.Me);
        Assert.True(dragged.Y > middle.Y + 100, "the map was not dragged");
        await WalkAsync(page, 2);
        Assert.InRange((await MapPage.StillMiddleAsync(page.Me)).Y, dragged.Y - 60, dragged.Y + 10);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Back to me and my circle" }).ClickAsync();
        await Eventually.True(
            async () => Math.Abs((await MapPage.MiddleAsync(page.Me)).Y - middle.Y) < 20,
            "oneself is back in the middle");
    }

    private static async Task WalkAsync(MapPage page, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await page.Me.PressAsync("Shift+ArrowUp");
        }
    }

    private static async Task DragMapAsync(MapPage page, float dx, float dy)
    {
        const float X = 700, Y = 550;
        await page.Page.Mouse.MoveAsync(X, Y);
        await page.Page.Mouse.DownAsync();
        await page.Page.Mouse.MoveAsync(X + dx, Y + dy, new() { Steps = 5 });
        await page.Page.Mouse.UpAsync();
    }
}
