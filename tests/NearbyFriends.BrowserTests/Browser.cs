using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NearbyFriends.BrowserTests;

/// <summary>This machine's own Chromium, driven by Playwright; started when first needed.</summary>
public sealed class Browser : IAsyncDisposable
{
    /// <summary>Milliseconds; of a condition that is awaited, not of one that is measured.</summary>
    private const float Patience = 90_000;

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly Lazy<Task<IPlaywright>> _playwright = new(() => Playwright.CreateAsync());
    private readonly Lazy<Task<IBrowser>> _plain;
    private readonly Lazy<Task<IBrowser>> _drawing;

    public Browser()
    {
        // Without WebGL the page draws a plain map, which leaves the machine to what is tested.
        _plain = new(() => StartAsync("--disable-gpu", "--disable-3d-apis"));
        _drawing = new(() => StartAsync("--enable-unsafe-swiftshader"));
        SetDefaultExpectTimeout(Patience);
    }

    /// <summary>What this machine lacks for such tests; null when nothing is.</summary>
    public static string? Missing =>
        Find() is null ? "Chromium is not installed (Debian: apt-get install chromium)."
        : !File.Exists(Path.Combine(AppContext.BaseDirectory, "web", "index.html")) ? "The map page was not built: that needs Node.js and npm."
        : null;

    /// <summary>The browser; skips the test where there is none, or no page to show.</summary>
    /// <param name="drawing">Whether it draws the full map, by WebGL.</param>
    public async Task<IBrowser> NeedAsync(bool drawing = false)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return await (drawing ? _drawing : _plain).Value;
    }

    /// <summary>A context for pages, with the patience of all tests; skips the test where there is no browser.</summary>
    /// <inheritdoc cref="NeedAsync" path="/param"/>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null, bool drawing = false)
    {
        var context = await (await NeedAsync(drawing)).NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        context.SetDefaultNavigationTimeout(Patience);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var browser in new[] { _plain, _drawing }.Where(browser => browser.IsValueCreated))
        {
            await (await browser.Value).DisposeAsync();
        }

        if (_playwright.IsValueCreated)
        {
            (await _playwright.Value).Dispose();
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    private async Task<IBrowser> StartAsync(params string[] graphics) => await (await _playwright.Value).Chromium.LaunchAsync(new()
    {
        ExecutablePath = Find(),
        // Root may not use the sandbox, and CI is root.
        Args = ["--no-sandbox", "--disable-dev-shm-usage", .. graphics],
        Timeout = 180_000,
    });
}
