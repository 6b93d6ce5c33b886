using Microsoft.Playwright;

namespace NearbyFriends.BrowserTests;

/// <summary>This machine's own Chromium, driven by Playwright; started once, when first needed.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Chromium)>> _started = new(StartAsync);

    /// <summary>What this machine lacks for such tests; null when nothing is.</summary>
    public static string? Missing =>
        Find() is null ? "Chromium is not installed (Debian: apt-get install chromium)."
        : !File.Exists(Path.Combine(AppContext.BaseDirectory, "web", "index.html")) ? "The map page was not built: that needs Node.js and npm."
        : null;

    /// <summary>The browser; skips the test where there is none, or no page to show.</summary>
    public async Task<IBrowser> NeedAsync()
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return (await _started.Value).Chromium;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated)
        {
            var (playwright, chromium) = await _started.Value;
            await chromium.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    private static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var chromium = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Find(),
            // Root may not use the sandbox, and CI is root; without a graphics card the map is drawn by software.
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"],
            Timeout = 120_000,
        });
        return (playwright, chromium);
    }
}
