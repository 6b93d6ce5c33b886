using Microsoft.Playwright;
using NearbyFriends.TestServers;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>Signing in at an OpenID Connect provider.</summary>
public sealed class ProviderTests(Servers servers, Browser browser)
{
    [Fact]
    public async Task Who_is_new_signs_in_at_the_provider_chooses_a_name_stays_signed_in_over_a_reload_and_signs_out()
    {
        await browser.NeedAsync();
        await using var issuer = await Issuer.StartAsync();
        await using var system = await LiveSystem.StartAsync(
            servers,
            ("Auth:Authority", issuer.Url), ("Auth:Audience", Issuer.Audience), ("Web:SignIn:ClientId", Issuer.ClientId), ("Web:SignIn:Parameters:prompt", "login"));
        await using var page = await MapPage.OpenAsync(browser, system, path: "/?add=bo");
        var signIn = page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true });
        await Expect(signIn).ToBeVisibleAsync();
        await page.LooksRightAsync("provider", inAllColours: true);

        await signIn.ClickAsync();
        await page.Page.GetByLabel("Your name").FillAsync("ada");
        Assert.Contains("prompt=login", page.Page.Url, StringComparison.Ordinal);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();

        await page.Page.GetByLabel("User name").FillAsync("ada");
        await page.Page.GetByLabel("Name that friends see").FillAsync("Ada L.");
        await page.LooksRightAsync("provider-new", inAllColours: true);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Create and sign in" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Ada L." })).ToBeVisibleAsync();
        await Expect(page.Live).ToBeVisibleAsync();
        // The invitation that led here was not lost on the way.
        await Expect(page.Page.GetByLabel("Find by user name")).ToHaveValueAsync("bo");
        // Who is new shares nothing yet.
        await Expect(page.Page.GetByRole(AriaRole.Switch, new() { Name = "Share my location" })).Not.ToBeCheckedAsync();

        var refreshes = issuer.Refreshes;
        await page.Page.ReloadAsync();
        await Expect(page.Live).ToBeVisibleAsync();
        Assert.Equal(refreshes + 1, issuer.Refreshes);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(signIn).ToBeVisibleAsync();
        await page.Page.ReloadAsync();
        await Expect(signIn).ToBeVisibleAsync();
        Assert.Equal(refreshes + 1, issuer.Refreshes);
        // The system did not know Ada yet (401), and knows no Bo (404).
        Assert.All(page.AllErrors, error => Assert.Matches("status of (401|404)", error));
    }
}
