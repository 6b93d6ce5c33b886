using System.Globalization;
using NearbyFriends.History;
using NearbyFriends.TestServers;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

public sealed class HistoryReaderTests(Servers servers)
{
    private const long Start = 1_800_000_000_000;

    [Fact]
    public async Task Pages_follow_one_another_newest_first_without_gap_or_overlap()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync(), ("History:Retention", "36500.00:00:00"));
        var user = Servers.NewUserId();
        long[] times = [.. Enumerable.Range(0, 250).Select(i => Start - (i * 1_000_000L))]; // almost three days
        await history.StoreAsync(mayBeStored: false, times.Select(time => Point(user, time)).Append(Point(user + 1_000_000_000, Start)));

        var read = new List<long>();
        for (long? before = null; await PageAsync(before) is { Count: > 0 } page; before = page[^1])
        {
            read.AddRange(page);
        }

        Assert.Equal(times, read);

        async Task<List<long>> PageAsync(long? before) =>
            [.. (await history.Reader.ReadAsync(user, new(null, before, null, 40), TestContext.Current.CancellationToken)).Select(p => p.Location.Time)];
    }

    [Fact]
    public async Task Thinning_keeps_the_newest_point_of_every_interval_within_the_bounds()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync(), ("History:Retention", "36500.00:00:00"));
        var user = Servers.NewUserId();
        long[] times = [.. Enumerable.Range(0, 600).Select(i => Start + (i * 7_000L))]; // every 7 s for 70 minutes
        await history.StoreAsync(mayBeStored: false, times.Select(time => Point(user, time)));
        var (from, before) = (Start + 600_000, Start + 3_000_000);

        var points = await history.Reader.ReadAsync(user, new(from, before, TimeSpan.FromSeconds(60), 1000), TestContext.Current.CancellationToken);

        var expected = times.Where(time => time >= from && time < before).GroupBy(time => time / 60_000).Select(minute => minute.Max()).OrderDescending();
        Assert.Equal(expected, points.Select(point => point.Location.Time));
    }

    [Fact]
    public async Task A_page_out_of_a_million_rows_is_one_scan_of_the_index_that_reads_no_more_than_the_page()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync(), ("History:Retention", "36500.00:00:00"));
        var user = Servers.NewUserId();
        await FillAsync(history, user, rows: 1_000_000);

        var plan = await ExplainAsync(history, HistoryReader.PageSql, user, 100);

        var scans = plan.Where(line => line.Contains("Scan", StringComparison.Ordinal) && !line.Contains("never executed", StringComparison.Ordinal)).ToList();
        Assert.StartsWith("Index Scan Backward using location_history_", Assert.Single(scans).Trim(' ', '-', '>'), StringComparison.Ordinal);
        Assert.Contains("rows=100 ", scans[0], StringComparison.Ordinal);
        Assert.DoesNotContain(plan, line => line.Contains("Sort", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thinned_page_out_of_a_million_rows_reads_one_row_per_point()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync(), ("History:Retention", "36500.00:00:00"));
        var user = Servers.NewUserId();
        await FillAsync(history, user, rows: 1_000_000);

        var plan = await ExplainAsync(history, HistoryReader.ThinnedPageSql, user, 100, TimeSpan.FromMinutes(1));

        Assert.DoesNotContain(plan, line => line.Contains("Seq Scan", StringComparison.Ordinal));
        Assert.All(
            plan.Where(line => line.Contains("Index", StringComparison.Ordinal) && line.Contains("rows=", StringComparison.Ordinal)),
            line => Assert.DoesNotMatch(@"actual.* rows=\d{2,} ", line)); // per loop: one
    }

    // A point every 250 ms, over three days.
    private static async Task FillAsync(HistoryHost history, long user, int rows)
    {
        var first = DateOnly.FromDateTime(DateTime.UnixEpoch.AddMilliseconds(Start));
        await history.Partitions.EnsureAsync(Enumerable.Range(0, 4).Select(first.AddDays), TestContext.Current.CancellationToken);
        await history.QueryAsync<object>($"""
            insert into location_history (user_id, recorded_at, received_at, latitude, longitude)
            select {user}, to_timestamp({Start / 1000} + i * 0.25), now(), 0, 0 from generate_series(0, {rows - 1}) i;
            analyze location_history;
            select 0;
            """);
    }

    private static async Task<List<string>> ExplainAsync(HistoryHost history, string sql, long user, int limit, TimeSpan? every = null)
    {
        await using var command = history.Database.CreateCommand("explain (analyze, costs off, timing off) " + sql);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = DateTime.UnixEpoch });
        command.Parameters.Add(new() { Value = DateTime.UnixEpoch.AddMilliseconds(Start + 200_000_000) });
        command.Parameters.Add(new() { Value = limit });
        if (every is { } interval)
        {
            command.Parameters.Add(new() { Value = interval });
        }

        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            lines.Add(reader.GetString(0).ToString(CultureInfo.InvariantCulture));
        }

        return lines;
    }
}
