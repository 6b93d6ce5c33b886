using System.Collections.Concurrent;
using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>The page in a browser of its own, as a person sees it: found by roles and names.</summary>
internal sealed class MapPage : IAsyncDisposable
{
    /// <summary>Milliseconds; of a condition that is awaited, not of one that is measured.</summary>
    public const float Patience = 90_000;

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
        page.SetDefaultTimeout(Patience);
        page.SetDefaultNavigationTimeout(Patience);
        SetDefaultExpectTimeout(Patience);
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
    public static async Task<MapPage> OpenAsync(Browser browser, LiveSystem system, LiveUser user, Action<BrowserNewContextOptions>? change = null, bool drawing = false)
    {
        var options = new BrowserNewContextOptions { ViewportSize = new() { Width = 1280, Height = 800 }, Locale = "en-GB", ReducedMotion = ReducedMotion.Reduce };
        change?.Invoke(options);
        var context = await (await browser.NeedAsync(drawing)).NewContextAsync(options);
        var page = new MapPage(context, await context.NewPageAsync());
        await page.Page.GotoAsync(new Uri(system.Api, $"/?user={user.UserName}").ToString());
        return page;
    }

    /// <summary>Puts oneself on the middle of the city, and waits for the list.</summary>
    public async Task MoveMeAsync()
    {
        await Page.GetByRole(AriaRole.Radio, new() { Name = "Move me" }).ClickAsync();
        await Expect(Live).ToBeVisibleAsync();
    }

    /// <summary>The middle of an element on the screen, CSS pixels.</summary>
    public static async Task<(float X, float Y)> MiddleAsync(ILocator element)
    {
        var box = (await element.BoundingBoxAsync())!;
        return (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }

    public ILocator Friend(LiveUser user) => Page.Locator($"li[data-friend='{user.Id}']");

    public ILocator Marker(LiveUser user) => Page.Locator($".marker[data-friend='{user.Id}']");

    public Task SeesAsync(LiveUser user) => Expect(Friend(user)).ToBeVisibleAsync();

    public Task SeesNoMoreAsync(LiveUser user) => Expect(Friend(user)).ToHaveCountAsync(0);

    /// <summary>Where the list and the map show everybody: by user id.</summary>
    public async Task<IReadOnlyDictionary<long, (double Latitude, double Longitude)>> MarkersAsync()
    {
        var markers = await Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('.marker[data-friend]')].map(m => `${m.dataset.friend} ${m.dataset.lat} ${m.dataset.lon}`)");
        return markers.Select(marker => marker.Split(' ')).ToDictionary(
            parts => long.Parse(parts[0], CultureInfo.InvariantCulture),
            parts => (double.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture)));
    }

    /// <summary>What axe (Deque) finds wrong with the page as it is now.</summary>
    public async Task<IReadOnlyList<string>> AccessibilityProblemsAsync()
    {
        var result = await Page.RunAxe();
        return [.. result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}")];
    }

    /// <summary>Leaves a picture in .nearby/screenshots, for people to look at.</summary>
    public async Task PictureAsync(string name) =>
        await Page.ScreenshotAsync(new() { Path = Path.Combine(Pictures.Folder, name + ".png") });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
