using System.Collections.Concurrent;
using System.Globalization;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using NearbyFriends.TestServers;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The page in a browser of its own, as a person sees it: found by roles and names.</summary>
internal sealed class MapPage : IAsyncDisposable
{
    /// <summary>Keeps what a screen reader says of notices, some of which go by themselves.</summary>
    private const string Listen =
        """
        window.said = []
        new MutationObserver((records) => {
          for (const { addedNodes } of records) {
            for (const node of addedNodes) if (node instanceof Element && node.matches('.notice')) window.said.push(node.textContent)
          }
        }).observe(document, { childList: true, subtree: true })
        """;

    private static readonly PageEmulateMediaOptions Light = new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.None };
    private static readonly PageEmulateMediaOptions Dark = new() { ColorScheme = ColorScheme.Dark, ForcedColors = ForcedColors.None };
    private static readonly PageEmulateMediaOptions Forced = new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.Active };

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _errors = new();

    private MapPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _errors.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => _errors.Enqueue(error);
    }

    public IPage Page { get; }

    /// <summary>What the console has as errors, but for requests that could not reach a server that was taken away.</summary>
    public IEnumerable<string> Errors => _errors.Where(error =>
        !error.Contains("net::ERR_", StringComparison.Ordinal) && !error.Contains("WebSocket connection to", StringComparison.Ordinal));

    /// <summary>Everything that the console has as an error.</summary>
    public IReadOnlyCollection<string> AllErrors => _errors;

    public ILocator Friends => Page.GetByRole(AriaRole.List, new() { Name = "Friends nearby" }).GetByRole(AriaRole.Listitem);

    /// <summary>The card of the friend who is selected.</summary>
    public ILocator Card => Page.Locator("[data-card]");

    public ILocator Me => Page.GetByRole(AriaRole.Button, new() { Name = "You are here" });

    public ILocator Live => Page.GetByText("Live", new() { Exact = true });

    /// <summary>Opens the page as a user.</summary>
    public static Task<MapPage> OpenAsync(Browser browser, LiveSystem system, LiveUser user, Action<BrowserNewContextOptions>? change = null, bool drawing = false) =>
        OpenAsync(browser, system, $"/?user={user.UserName}", change, drawing);

    /// <summary>Opens the page at a path.</summary>
    public static async Task<MapPage> OpenAsync(Browser browser, LiveSystem system, string path, Action<BrowserNewContextOptions>? change = null, bool drawing = false)
    {
        var options = new BrowserNewContextOptions
        {
            ViewportSize = new() { Width = 1280, Height = 800 },
            Locale = "en-GB",
            TimezoneId = $"Etc/GMT{DateTime.UtcNow.Hour - 12:+0;-0;+0}", // it is about noon: the last minutes are today's
            ReducedMotion = ReducedMotion.Reduce,
        };
        change?.Invoke(options);
        var context = await browser.NewContextAsync(options, drawing);
        await context.AddInitScriptAsync(Listen);
        var page = new MapPage(context, await context.NewPageAsync());
        await page.Page.GotoAsync(new Uri(system.Api, path).ToString());
        return page;
    }

    /// <summary>Puts oneself on the middle of the city, and waits for the list.</summary>
    public async Task MoveMeAsync()
    {
        await Page.GetByRole(AriaRole.Radio, new() { Name = "Move me" }).ClickAsync();
        await Expect(Live).ToBeVisibleAsync();
    }

    /// <summary>The middle of an element on the screen once it stands still, CSS pixels. Nothing may cover the element.</summary>
    public static async Task<(float X, float Y)> StillMiddleAsync(ILocator element)
    {
        await element.HoverAsync(new() { Trial = true });
        return await MiddleAsync(element);
    }

    /// <summary>The middle of an element on the screen now, CSS pixels.</summary>
    public static async Task<(float X, float Y)> MiddleAsync(ILocator element)
    {
        var box = (await element.BoundingBoxAsync())!;
        return (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }

    public ILocator Friend(LiveUser user) => Page.Locator($"li[data-friend='{user.Id}']");

    public ILocator Marker(LiveUser user) => Page.Locator($".marker[data-friend='{user.Id}']");

    public Task SeesAsync(LiveUser user) => Expect(Friend(user)).ToBeVisibleAsync();

    public Task SeesNoMoreAsync(LiveUser user) => Expect(Friend(user)).ToHaveCountAsync(0);

    /// <summary>A notice says or said this since the page was loaded.</summary>
    public Task HearsAsync(string text) => Eventually.True(
        () => Page.EvaluateAsync<bool>("text => window.said.some(said => said.includes(text))", text), $"the page says \"{text}\"");

    /// <summary>Where the list and the map show everybody: by user id.</summary>
    public async Task<IReadOnlyDictionary<long, (double Latitude, double Longitude)>> MarkersAsync()
    {
        var markers = await Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('.marker[data-friend]')].map(m => `${m.dataset.friend} ${m.dataset.lat} ${m.dataset.lon}`)");
        return markers.Select(marker => marker.Split(' ')).ToDictionary(
            parts => long.Parse(parts[0], CultureInfo.InvariantCulture),
            parts => (double.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture)));
    }

    /// <summary>The sheet of one's phones is open: adds one, and waits for its code; the settings that the code holds.</summary>
    public async Task<string> AddPhoneAsync(string name)
    {
        await Page.GetByLabel("Name of the phone").FillAsync(name);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Img, new() { Name = $"QR code with the OwnTracks settings for {name}" })).ToBeVisibleAsync();
        return (await Page.GetByRole(AriaRole.Link, new() { Name = "Open in OwnTracks" }).GetAttributeAsync("href"))!;
    }

    /// <summary>People is open: opens one's own day, once the history has a way to show.</summary>
    public async Task<ILocator> OpenDayAsync()
    {
        var player = Page.GetByRole(AriaRole.Complementary, new() { Name = "My day" });
        var time = player.GetByRole(AriaRole.Slider, new() { Name = "Time of day" });
        await Eventually.True(
            async () =>
            {
                await Page.GetByRole(AriaRole.Button, new() { Name = "My day" }).ClickAsync();
                await Expect(player.GetByText("Loading…")).ToHaveCountAsync(0);
                if (await time.CountAsync() == 1 && await time.GetAttributeAsync("min") != await time.GetAttributeAsync("max"))
                {
                    return true;
                }

                // Opened again, it asks again.
                await player.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
                return false;
            },
            "the history is stored");
        return player;
    }

    /// <summary>What axe (Deque) finds wrong with the page as it is now.</summary>
    /// <param name="rule">Looks at this alone; null: at everything.</param>
    public async Task<IReadOnlyList<string>> AccessibilityProblemsAsync(string? rule = null)
    {
        var result = await Page.RunAxe(rule is null ? null : new AxeRunOptions { RunOnly = RunOnlyOptions.Rules(rule) });
        return [.. result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}")];
    }

    /// <summary>Axe finds nothing, nothing is wider than the window, and pictures are left.</summary>
    /// <param name="picture">Its name.</param>
    /// <param name="inAllColours">Also in dark colours, which change no more than what axe says of contrasts, and in forced ones, which are the system's.</param>
    public async Task LooksRightAsync(string picture, bool inAllColours = false)
    {
        Assert.Empty(await AccessibilityProblemsAsync());
        Assert.InRange(await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, Page.ViewportSize!.Width);
        await PictureAsync(picture);
        if (inAllColours)
        {
            await Page.EmulateMediaAsync(Dark);
            Assert.Empty(await AccessibilityProblemsAsync("color-contrast"));
            await PictureAsync($"{picture}-dark");
            await Page.EmulateMediaAsync(Forced);
            await PictureAsync($"{picture}-forced");
            await Page.EmulateMediaAsync(Light);
        }
    }

    /// <summary>Leaves a picture in .nearby/screenshots, for people to look at.</summary>
    public async Task PictureAsync(string name) =>
        await Page.ScreenshotAsync(new() { Path = Path.Combine(Pictures.Folder, name + ".png") });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
