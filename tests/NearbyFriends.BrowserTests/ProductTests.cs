using Microsoft.Playwright;
using NearbyFriends.TestServers;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>What people expect of a page that they keep open.</summary>
[Collection<SharedSystemTests>]
public sealed class ProductTests(SharedSystem shared, Browser browser)
{
    private LiveSystem System => shared.System;

    [Fact]
    public async Task The_radius_is_kept_over_a_reload()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        await page.Page.GetByRole(AriaRole.Slider).PressAsync("Home");
        await Expect(page.Page.GetByRole(AriaRole.Slider)).ToHaveAttributeAsync("aria-valuetext", "330 ft");
        await Eventually.True(
            async () => await page.Page.EvaluateAsync<bool>("Object.keys(localStorage).some(key => key.startsWith('radius-'))"),
            "the radius is kept");

        await page.Page.ReloadAsync();
        await Expect(page.Live).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Slider)).ToHaveAttributeAsync("aria-valuetext", "330 ft");
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task A_denied_device_has_a_remedy_and_nobody_is_said_to_see_one()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await using var page = await MapPage.OpenAsync(browser, System, ada, options => options.Permissions = []);
        await page.MoveMeAsync();
        var line = page.Page.Locator("#sharing-line");

        await page.Page.GetByRole(AriaRole.Radio, new() { Name = "My device" }).ClickAsync();
        await Expect(page.Page.GetByText("Allow it in the site settings")).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
        await Expect(line).ToHaveTextAsync("Not shared: your device does not tell its position.");

        await page.Page.Context.GrantPermissionsAsync(["geolocation"]);
        await page.Page.Context.SetGeolocationAsync(new() { Latitude = 37.79f, Longitude = -122.41f });
        await Expect(line).Not.ToContainTextAsync("Not shared");
        await Expect(page.Me).ToBeVisibleAsync();

        // The next visit need not say so again.
        var next = await page.Page.Context.NewPageAsync();
        await next.GotoAsync(page.Page.Url);
        await Expect(next.GetByRole(AriaRole.Button, new() { Name = "You are here" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_request_is_seen_at_once_can_be_taken_back_and_an_invitation_leads_to_its_sender()
    {
        await browser.NeedAsync();
        var (ada, bo) = (await System.NewUserAsync("Ada"), await System.NewUserAsync("Bo"));
        await using var adas = await MapPage.OpenAsync(browser, System, ada);
        await Expect(adas.Live).ToBeVisibleAsync();
        await Expect(adas.Page.GetByText($"@{ada.UserName}").First).ToBeVisibleAsync();
        await adas.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        var accept = adas.Page.GetByRole(AriaRole.Button, new() { Name = "Accept" });

        await using var bos = await MapPage.OpenAsync(browser, System, $"/?user={bo.UserName}&add={ada.UserName}");
        var ask = bos.Page.GetByRole(AriaRole.Button, new() { Name = "Ask to be friends" });
        await Expect(bos.Live).ToBeVisibleAsync();
        await ask.ClickAsync();
        await Expect(bos.Page.GetByRole(AriaRole.List, new() { Name = "Waiting for an answer" })).ToContainTextAsync("Ada");
        Assert.DoesNotContain("add=", bos.Page.Url, StringComparison.Ordinal);
        await adas.HearsAsync("Bo wants to be friends with you.");
        await Expect(accept).ToBeVisibleAsync();

        await bos.Page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await Expect(accept).ToHaveCountAsync(0);
        await ask.ClickAsync();
        await accept.ClickAsync();
        await Expect(adas.Page.GetByRole(AriaRole.List, new() { Name = "Friends", Exact = true })).ToContainTextAsync("Bo");
        await Expect(bos.Page.GetByRole(AriaRole.List, new() { Name = "Friends", Exact = true })).ToContainTextAsync("Ada");
        Assert.Empty(adas.AllErrors);
        Assert.Empty(bos.AllErrors);
    }

    [Fact]
    public async Task Escape_closes_what_is_open_and_gives_the_focus_back()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        var friends = await System.NewFriendsAsync(ada, 1, _ => (37.79, -122.41));
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        var row = page.Friend(friends[0]).GetByRole(AriaRole.Button);
        await row.ClickAsync();
        var block = page.Card.GetByRole(AriaRole.Button, new() { Name = "Block" });
        await block.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();

        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(block).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(row).ToBeFocusedAsync();

        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        var more = page.Page.GetByLabel("More about Friend 01");
        await more.PressAsync("Enter");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Unfriend" }).PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(more).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Who_has_no_friends_yet_is_led_to_finding_some()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();

        await Expect(page.Page.GetByText("No friends yet.", new() { Exact = true })).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Find people" }).ClickAsync();
        await Expect(page.Page.GetByLabel("Find by user name")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Each_tab_begins_at_its_top()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await System.NewFriendsAsync(ada, 20, i => (37.788 + (0.001 * (i + 1)), -122.4075));
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.MoveMeAsync();
        await Expect(page.Friends).ToHaveCountAsync(20);
        await page.Friends.Last.ScrollIntoViewIfNeededAsync();

        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        await Expect(page.Page.GetByLabel("Find by user name")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task One_erases_ones_account_and_is_asked_before()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Erase my account" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Erase my account" }).ClickAsync();

        await page.Page.Locator("#user-name").FillAsync(ada.UserName);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("There is no such user.");
    }

    [Fact]
    public async Task The_page_can_be_installed_and_opens_without_a_network()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await Expect(page.Live).ToBeVisibleAsync();
        var icons = await page.Page.EvaluateAsync<string[]>(
            """
            async () => {
              const { icons } = await (await fetch(document.querySelector('link[rel=manifest]').href)).json()
              const answers = await Promise.all(icons.map(({ src }) => fetch(src)))
              return answers.map(answer => `${answer.status} ${answer.headers.get('content-type')}`)
            }
            """);
        Assert.Equal(["200 image/svg+xml", "200 image/png", "200 image/png"], icons);
        await page.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");

        await page.Page.Context.SetOfflineAsync(true);
        await page.Page.ReloadAsync();
        await Expect(page.Page.GetByText("The server does not answer. Trying again…")).ToBeVisibleAsync();

        await page.Page.Context.SetOfflineAsync(false);
        await Expect(page.Live).ToBeVisibleAsync();
    }

    [Fact]
    public async Task On_a_phone_friends_come_before_the_map_and_nothing_jumps()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await System.NewFriendsAsync(ada, 8, i => (37.788 + (0.003 * (i + 1)), -122.41));
        await using var page = await MapPage.OpenAsync(browser, System, ada, options => options.ViewportSize = new() { Width = 360, Height = 640 });
        await page.MoveMeAsync();
        await page.Page.AddInitScriptAsync(
            """
            new MutationObserver((_, observer) => {
              if (!document.querySelector('li[data-friend]')) return
              observer.disconnect()
              window.firstFriends = performance.now()
            }).observe(document, { childList: true, subtree: true })
            window.layoutShift = 0
            new PerformanceObserver((list) => {
              for (const { value, hadRecentInput } of list.getEntries()) window.layoutShift += hadRecentInput ? 0 : value
            }).observe({ type: 'layout-shift', buffered: true })
            """);
        await page.Page.ReloadAsync();
        await Expect(page.Friends).ToHaveCountAsync(8);
        await Expect(page.Me).ToBeVisibleAsync();

        var before = await page.Page.EvaluateAsync<string[]>(
            """
            // For 5 s the map waits for friends, and not for those of a machine that is slower.
            () => performance.getEntriesByType('resource')
              .filter(({ name, startTime }) => name.includes('/assets/') && startTime < Math.min(window.firstFriends, 5_000))
              .map(({ name }) => name.replace(/.*\/(\w+)-[^/]*\.(\w+)$/, '$1.$2'))
            """);
        Assert.Contains("main.js", before);
        Assert.DoesNotContain(before, file => file.StartsWith("mapLibre", StringComparison.Ordinal) || file.EndsWith(".json", StringComparison.Ordinal));
        // Cumulative Layout Shift; Core Web Vitals call ten times as much good.
        Assert.InRange(await page.Page.EvaluateAsync<double>("window.layoutShift"), 0, 0.01);
    }
}
