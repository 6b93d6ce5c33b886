using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Import;
using NearbyFriends.IntegrationTests.Api;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

[Collection(ApiCollection.Name)]
public sealed class HistoryEndpointTests(ApiReplicas api)
{
    [Fact]
    public async Task One_reads_ones_own_locations_newest_first_page_by_page()
    {
        await using var history = await StartAsync(api.Settings["ConnectionStrings:history"]);
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var now = Now;
        await history.StoreAsync(mayBeStored: false, Enumerable.Range(0, 25).Select(i => Point(alice.Number, now - (i * 1_000), 37.5, 127.25, i == 0 ? 12.5f : float.NaN)));
        await history.StoreAsync(mayBeStored: false, Point(bob.Number, now));

        var pages = await PagesAsync(alice, "limit=10&to=253402300799999"); // the last instant there is

        Assert.Equal([10, 10, 5], pages.Select(page => page.Count));
        Assert.Equal(Enumerable.Range(0, 25).Select(i => now - (i * 1_000)), pages.SelectMany(page => page).Select(TimeOf));
        Assert.Equal($$"""{"lat":37.5,"lon":127.25,"time":{{now}},"accuracy":12.5}""", pages[0][0].GetRawText());
        Assert.Equal($$"""{"lat":37.5,"lon":127.25,"time":{{now - 1_000}}}""", pages[0][1].GetRawText());
    }

    [Fact]
    public async Task Bounds_are_included_and_thinned_pages_agree_on_the_intervals()
    {
        await using var history = await StartAsync(api.Settings["ConnectionStrings:history"]);
        var alice = await api.First.RegisterAsync();
        var minute = Now / 60_000 * 60_000;
        long[] times = [.. Enumerable.Range(0, 400).Select(i => minute - (i * 7_000L))];
        await history.StoreAsync(mayBeStored: false, times.Select(time => Point(alice.Number, time)));
        var (from, to) = (times[350], times[10]);

        var pages = await PagesAsync(alice, $"from={from}&to={to}&every=60s&limit=7");

        var expected = times.Where(time => time >= from && time <= to).GroupBy(time => time / 60_000).Select(minute => minute.Max());
        Assert.Equal(expected, pages.SelectMany(page => page).Select(TimeOf));
    }

    [Theory]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=-1", "from")]
    [InlineData("from=2&to=1", "from")]
    [InlineData("to=253402300800000", "to")]
    [InlineData("every=60", "every")]
    [InlineData("every=0s", "every")]
    [InlineData("every=2147483647d", "every")]
    [InlineData("every=s", "every")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("cursor=nonsense", "cursor")]
    [InlineData("cursor=__________8", "cursor")]
    public async Task A_wrong_parameter_is_named(string query, string parameter)
    {
        var alice = await api.First.RegisterAsync();

        var answer = await alice.Call.GetAsync($"v1/me/history?{query}");

        Assert.Equal((400, "invalid-request"), (answer.Status, answer.Code));
        Assert.Equal([parameter], answer.WrongFields);
    }

    [Fact]
    public async Task Erasing_ones_history_erases_what_is_stored_and_what_is_on_its_way()
    {
        await using var history = await StartAsync(api.Settings["ConnectionStrings:history"]);
        var alice = await api.First.RegisterAsync();
        await history.StoreAsync(mayBeStored: false, Point(alice.Number, Now - 5_000));

        Assert.Equal(204, (await alice.Call.DeleteAsync("v1/me/history")).Status);
        await history.StoreAsync(mayBeStored: false, Point(alice.Number, Now - 4_000));

        Assert.Empty((await alice.Call.GetAsync("v1/me/history")).Items);
        Assert.Equal(204, (await alice.Call.DeleteAsync("v1/me/history")).Status);
    }

    [Fact]
    public async Task Ones_own_history_is_a_GPX_file_and_a_GeoJSON_file_oldest_first()
    {
        await using var history = await StartAsync(api.Settings["ConnectionStrings:history"]);
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var (begin, count) = (Now - 7_200_000, 1_001); // more than a page
        await history.StoreAsync(mayBeStored: false, Enumerable.Range(0, count).Select(i => Point(alice.Number, begin + (i * 1_000), 37.5, 180, i == 0 ? 12.5f : float.NaN)));
        await history.StoreAsync(mayBeStored: false, Point(alice.Number, begin + 3_600_000, -0.0000001, 127.25), Point(bob.Number, begin));

        var gpx = GpxSchema.Parse(await ExportAsync(alice, $"gpx?from={begin}", "application/gpx+xml"));
        var collection = JsonElement.Parse(await ExportAsync(alice, "geojson", "application/geo+json"));
        var part = JsonElement.Parse(await ExportAsync(alice, $"geojson?from={begin + 1_000}&to={begin + 2_000}", "application/geo+json"));
        var nothing = GpxSchema.Parse(await ExportAsync(alice, "gpx?to=1", "application/gpx+xml"));

        XNamespace ns = GpxSchema.Namespace;
        Assert.Equal("NearbyFriends", gpx.Attribute("creator")!.Value);
        var segments = gpx.Elements(ns + "trk").Single().Elements(ns + "trkseg").ToList();
        Assert.Equal([count, 1], segments.Select(segment => segment.Elements(ns + "trkpt").Count()));
        var first = segments[0].Elements().First();
        Assert.Equal(("37.5", "-180"), (first.Attribute("lat")!.Value, first.Attribute("lon")!.Value));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(begin), DateTimeOffset.Parse(first.Element(ns + "time")!.Value, CultureInfo.InvariantCulture));
        Assert.Equal("-0.0000001", segments[1].Elements().Single().Attribute("lat")!.Value);
        Assert.Empty(nothing.Descendants(ns + "trkpt"));
        Assert.Equal("FeatureCollection", collection.GetProperty("type").GetString());
        Assert.Equal(count + 1, collection.GetProperty("features").GetArrayLength());
        var feature = collection.GetProperty("features")[0];
        Assert.Equal("""{"type":"Point","coordinates":[180,37.5]}""", feature.GetProperty("geometry").GetRawText());
        Assert.Equal(12.5, feature.GetProperty("properties").GetProperty("accuracy").GetDouble());
        Assert.Equal(2, part.GetProperty("features").GetArrayLength());
        Assert.Equal(["from"], (await alice.Call.GetAsync("v1/me/history.gpx?from=2&to=1")).WrongFields);
        Assert.Equal(["to"], (await alice.Call.GetAsync("v1/me/history.geojson?to=-1")).WrongFields);
    }

    [Fact]
    public async Task An_own_history_that_is_exported_as_GPX_and_imported_is_the_same_point_by_point()
    {
        await using var history = await StartAsync(api.Settings["ConnectionStrings:history"]);
        var (alice, bob) = (await api.First.RegisterAsync(), await api.First.RegisterAsync());
        var begin = Now - 7_200_000;
        await history.StoreAsync(mayBeStored: false, Enumerable.Range(0, 20).Select(
            i => Point(alice.Number, begin + (i * 60_001), -37.7881234 + (i * 0.0000001), -122.4075679, i % 2 == 0 ? 12.34f : float.NaN)));
        await history.StoreAsync(mayBeStored: false, Point(alice.Number, begin + 3_600_000)); // a segment of its own
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, await ExportAsync(alice, "gpx", "application/gpx+xml"), TestContext.Current.CancellationToken);
            var settings = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:users", api.Settings["ConnectionStrings:users"])]).Build();
            var request = new ImportRequest(file, UserId: await UserNames.FindAsync(bob.UserName.ToUpperInvariant(), settings, TestContext.Current.CancellationToken));
            var import = new HistoryImport(history.Store, history.Partitions, TimeProvider.System);

            var first = await import.ImportAsync(request, null, TestContext.Current.CancellationToken);
            var second = await import.ImportAsync(request, null, TestContext.Current.CancellationToken);

            Assert.Equal((21, 21, 0), (first.Points, first.Rows, first.Expired));
            Assert.Equal((21, 0), (second.Points, second.Rows));
            Assert.Equal(await AllAsync(history, alice.Number), await AllAsync(history, bob.Number));
            await Assert.ThrowsAsync<FormatException>(() => UserNames.FindAsync("nobody", settings, TestContext.Current.CancellationToken));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task<IReadOnlyList<StoredPoint>> AllAsync(HistoryHost history, long user) =>
        history.Reader.ReadAsync(user, new(null, null, null, 100), TestContext.Current.CancellationToken);

    private async Task<string> ExportAsync(TestUser user, string file, string mediaType)
    {
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", user.Token) } };
        using var answer = await http.GetAsync(new Uri(api.First.ClientOptions.BaseAddress, $"v1/me/history.{file}"));
        Assert.Equal((200, mediaType, "attachment"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentDisposition?.DispositionType));
        return await answer.Content.ReadAsStringAsync();
    }

    private static long TimeOf(JsonElement item) => item.GetProperty("time").GetInt64();

    private static async Task<List<List<JsonElement>>> PagesAsync(TestUser user, string query)
    {
        var pages = new List<List<JsonElement>>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await user.Call.GetAsync($"v1/me/history?{query}{(cursor == "" ? "" : $"&cursor={cursor}")}");
            Assert.Equal(200, page.Status);
            pages.Add([.. page.Items]);
            cursor = page.Body.GetProperty("cursor").GetString();
        }

        return pages;
    }
}
