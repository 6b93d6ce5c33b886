using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>What is one's own: phones, and the history.</summary>
[Collection<SharedSystemTests>]
public sealed class OwnDataTests(SharedSystem shared, Browser browser)
{
    private LiveSystem System => shared.System;

    [Fact]
    public async Task A_phone_is_set_up_by_a_code_shares_with_it_and_can_be_taken_away()
    {
        await browser.NeedAsync();
        var ada = await System.NewUserAsync("Ada");
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "My phones" }).ClickAsync();
        var sheet = page.Page.GetByRole(AriaRole.Dialog, new() { Name = "My phones" });
        using var phone = Phone.From(await page.AddPhoneAsync("Pixel"));
        Assert.Equal(HttpStatusCode.OK, await phone.SendAsync(37.79, -122.41));

        await sheet.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.Page.GetByText("Remove Pixel?").Locator("..").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(sheet.Locator("[data-device]")).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.Unauthorized, await phone.SendAsync(37.79, -122.41));
        Assert.Empty(page.AllErrors);
    }

    [Fact]
    public async Task A_day_of_ones_own_is_drawn_and_played_on_the_map()
    {
        await browser.NeedAsync();
        await System.KeepHistoryAsync();
        var ada = await System.NewUserAsync("Ada");
        await ada.WalkAsync();
        await using var page = await MapPage.OpenAsync(browser, System, ada);
        await page.Page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        var player = await page.OpenDayAsync();
        await Expect(player).ToBeFocusedAsync();

        await player.GetByRole(AriaRole.Button, new() { Name = "Play" }).ClickAsync();
        await Expect(player.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();
        var mark = page.Page.Locator(".past-self");
        var before = await mark.GetAttributeAsync("style");
        await Expect(mark).Not.ToHaveAttributeAsync("style", before!);
        await player.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(mark).ToHaveCountAsync(0);
        Assert.Empty(page.AllErrors);
    }

    /// <summary>A phone with the OwnTracks app that has opened a link with settings.</summary>
    private sealed class Phone : IDisposable
    {
        private readonly HttpClient _http = new();
        private readonly Uri _url;

        private Phone(Uri url, string userName, string password)
        {
            _url = url;
            _http.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{userName}:{password}")));
        }

        public static Phone From(string link)
        {
            var inline = Uri.UnescapeDataString(link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            var settings = JsonDocument.Parse(Convert.FromBase64String(inline)).RootElement;
            string Text(string name) => settings.GetProperty(name).GetString()!;
            return new(new Uri(Text("url")), Text("username"), Text("password"));
        }

        public async Task<HttpStatusCode> SendAsync(double latitude, double longitude)
        {
            using var answer = await _http.PostAsJsonAsync(
                _url, new { _type = "location", lat = latitude, lon = longitude, tst = DateTimeOffset.UtcNow.ToUnixTimeSeconds() });
            return answer.StatusCode;
        }

        public void Dispose() => _http.Dispose();
    }
}
