using System.Text.Json;
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
        long[] times = [.. Enumerable.Range(0, 400).Select(i => (Now / 60_000 * 60_000) - (i * 7_000L))];
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
