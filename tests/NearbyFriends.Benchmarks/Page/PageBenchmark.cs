using Microsoft.Playwright;
using NearbyFriends.Benchmarks.Crowds;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Page;

/// <summary><c>./nearby bench page</c>: how soon a phone on a slow network shows friends, and what it loads until then.</summary>
internal static class PageBenchmark
{
    private const int Users = 100;
    private const int Friends = 20; // a page of the list

    public static async Task RunAsync(Report report, bool quick)
    {
        Report.Stage($"Starting an Api and a gateway, and connecting {Users} clients");
        var crowd = new Crowd(Users, Friends, stepMetres: 0);
        await using var fleet = await PageFleet.StartAsync(crowd);
        await using var walkers = await Walkers.ConnectAsync(crowd, [fleet.Gateway], TimeSpan.FromSeconds(30));
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Programs.Require("chromium", "on Debian, apt-get install chromium"),
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-3d-apis"],
        });
        var rounds = quick ? 2 : 5;
        Report.Stage($"{rounds} first visits, and {rounds} second ones");
        await FirstAsync(browser, fleet.Api); // the services have compiled what they need
        var (first, again) = (new List<Look>(), new List<Look>());
        for (var round = 0; round < rounds; round++)
        {
            first.Add(await FirstAsync(browser, fleet.Api));
            again.Add(await SecondAsync(browser, fleet.Api));
        }

        var conditions = $"360 x 640, CPU 4 times slower, 1.6 Mbit/s, 150 ms a request, {Friends} friends nearby; median of {rounds}, everything on this machine";
        var soon = Measuring.Median(first.Select(look => look.FirstFriendsMs));
        report.Add("first_friends_ms", soon, "ms", "<= 2000", soon <= 2_000, conditions);
        report.Add("first_friends_again_ms", Measuring.Median(again.Select(look => look.FirstFriendsMs)), "ms", "report", null, "the same; the service worker has kept the files, and asks for the page and its settings");
        var shift = first.Concat(again).Max(look => look.LayoutShift);
        report.Add("layout_shift", shift, "", "<= 0.01", shift <= 0.01, "Cumulative Layout Shift, the highest");
        report.Add("bytes_before_friends", Measuring.Median(first.Select(look => look.BytesBefore)), "B", "report", null, "compressed");
        report.Add("requests_before_friends", Measuring.Median(first.Select(look => look.RequestsBefore)), "requests", "report", null, "the socket's is one");
        var script = first.Max(look => look.ScriptBytes);
        report.Add("script_bytes", script, "B", "<= 350,000", script <= 350_000, "compressed by brotli, the map library included, without workers");
        report.Write();
    }

    private static async Task<Look> FirstAsync(IBrowser browser, Uri api)
    {
        await using var visit = await Visit.BeginAsync(browser, keeps: false);
        return await visit.LookAsync(api);
    }

    private static async Task<Look> SecondAsync(IBrowser browser, Uri api)
    {
        await using var visit = await Visit.BeginAsync(browser, keeps: true);
        await visit.LookAsync(api);
        await visit.KeepAsync();
        return await visit.LookAsync(api);
    }
}
