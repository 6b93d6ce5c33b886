using Microsoft.Playwright;
using NearbyFriends.Benchmarks.Crowds;

namespace NearbyFriends.Benchmarks.Page;

/// <summary>What one look at the page took.</summary>
/// <param name="FirstFriendsMs">From the navigation until a friend's row was painted, milliseconds.</param>
/// <param name="LayoutShift">Cumulative Layout Shift until the map was there.</param>
/// <param name="BytesBefore">Compressed bytes of all answers that had come by then.</param>
/// <param name="RequestsBefore">Requests begun by then, the page's own and the socket's included.</param>
/// <param name="ScriptBytes">Compressed bytes of all script of the page, the map's included; workers run beside it.</param>
internal sealed record Look(double FirstFriendsMs, double LayoutShift, double BytesBefore, double RequestsBefore, double ScriptBytes);

/// <summary>A phone with a small screen, a slow processor and a slow network, whose user has let the page ask for the position before.</summary>
internal sealed class Visit : IAsyncDisposable
{
    // Lighthouse's mobile profile: 4 times slower, "slow 4G".
    private const int CpuSlowdown = 4;
    private const double LatencyMs = 150;
    private const double DownloadBytesPerSecond = 1_600_000 / 8.0;
    private const double UploadBytesPerSecond = 750_000 / 8.0;

    // A task after the frame that shows the row: it has been painted.
    private const string Watch =
        """
        localStorage.setItem('device-1', 'true')
        new MutationObserver((_, observer) => {
          if (!document.querySelector('li[data-friend]')) return
          observer.disconnect()
          requestAnimationFrame(() => setTimeout(() => { window.firstFriends = performance.now() }))
        }).observe(document, { childList: true, subtree: true })
        window.layoutShift = 0
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput } of list.getEntries()) window.layoutShift += hadRecentInput ? 0 : value
        }).observe({ type: 'layout-shift', buffered: true })
        """;

    private const string Result =
        """
        () => {
          const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
          const sum = (some) => some.reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0)
          return [
            window.firstFriends, window.layoutShift, sum(files.filter(({ responseEnd }) => responseEnd <= window.firstFriends)),
            files.filter(({ startTime }) => startTime <= window.firstFriends).length + 1, sum(files.filter(({ name }) => name.endsWith('.js'))),
          ]
        }
        """;

    private readonly IBrowserContext _context;
    private readonly IPage _page;

    private Visit(IBrowserContext context, IPage page) => (_context, _page) = (context, page);

    /// <param name="browser">Which has kept nothing.</param>
    /// <param name="keeps">Whether the page's service worker may keep files; through it, requests are neither slowed nor measured.</param>
    public static async Task<Visit> BeginAsync(IBrowser browser, bool keeps)
    {
        var (latitude, longitude) = Crowd.Middle;
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = 360, Height = 640 },
            DeviceScaleFactor = 2,
            IsMobile = true,
            HasTouch = true,
            ServiceWorkers = keeps ? ServiceWorkerPolicy.Allow : ServiceWorkerPolicy.Block,
            Permissions = ["geolocation"],
            Geolocation = new() { Latitude = (float)latitude, Longitude = (float)longitude },
        });
        var page = await context.NewPageAsync();
        await page.AddInitScriptAsync(Watch);
        var devTools = await context.NewCDPSessionAsync(page);
        await devTools.SendAsync("Network.enable");
        await devTools.SendAsync("Network.emulateNetworkConditions", new()
        {
            ["offline"] = false,
            ["latency"] = LatencyMs,
            ["downloadThroughput"] = DownloadBytesPerSecond,
            ["uploadThroughput"] = UploadBytesPerSecond,
        });
        await devTools.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = CpuSlowdown });
        return new(context, page);
    }

    /// <summary>Opens the page as the crowd's first user, until the map is there.</summary>
    public async Task<Look> LookAsync(Uri api)
    {
        await _page.GotoAsync(new Uri(api, "/?user=user1").ToString());
        await _page.Locator(".self-marker").WaitForAsync();
        await _page.WaitForFunctionAsync("() => window.firstFriends");
        var values = await _page.EvaluateAsync<double[]>(Result);
        return new(values[0], values[1], values[2], values[3], values[4]);
    }

    /// <summary>Waits until the service worker has what it keeps.</summary>
    public Task KeepAsync() => _page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
