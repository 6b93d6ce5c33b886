using System.IO.Compression;
using NearbyFriends.HistoryWorker.Export;
using NearbyFriends.HistoryWorker.Import;
using NearbyFriends.TestServers;
using Parquet;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

public sealed class ExportAndImportTests(Servers servers) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nearbyfriends-history-");

    [Fact]
    public async Task Importing_a_file_twice_stores_it_once_in_days_that_retention_leaves_alone()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var file = WriteMovers("movers.csv.gz", "a,1212649200,37.74413,-122.40564", "b,1212649200.5,37.76126,-122.43497", "a,1212735600,37.7,-122.4", "a,1212649200,1,1");

        var first = await ImportAsync(history, file);
        var second = await ImportAsync(history, file);
        await history.Partitions.DropBeforeAsync(history.Store.FirstKeptDay, TestContext.Current.CancellationToken);

        Assert.Equal((4, 3), (first.Points, first.Rows));
        Assert.Equal((4, 0), (second.Points, second.Rows));
        Assert.Equal(3, await history.RowsAsync());
        var points = await history.Reader.ReadAsync(MoverRows.UserIdOf("b"), new(null, null, null, 10), TestContext.Current.CancellationToken);
        Assert.Equal((1_212_649_200_500, 377_612_600), (points[0].Location.Time, points[0].Location.LatitudeE7));
    }

    [Fact]
    public async Task Google_Timeline_of_years_is_stored_in_a_partition_for_each_month_and_exported_by_days()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var file = Path.Combine(_folder.FullName, "Timeline.json");
        await File.WriteAllTextAsync(
            file,
            """
            {"semanticSegments": [
               {"startTime": "2008-06-05T07:00:00.000Z", "endTime": "2008-06-05T09:00:00.000Z", "timelinePath": [
                 {"point": "37.7441°, -122.4056°", "time": "2008-06-05T00:00:00.000-07:00"},
                 {"point": "37.7541°, -122.4056°", "time": "2008-06-05T00:05:00.000-07:00"}]}],
             "rawSignals": [{"position": {"LatLng": "37.7°, -122.4°", "accuracyMeters": 13, "timestamp": "2008-06-06T07:00:00.000Z"}},
                            {"position": {"LatLng": "37.7°, -122.4°", "accuracyMeters": 13, "timestamp": "2008-07-01T07:00:00.000Z"}},
                            {"position": {"LatLng": "37.7°, -122.4°", "accuracyMeters": 13}}]}
            """,
            TestContext.Current.CancellationToken);

        var first = await ImportAsync(history, file, user: 7);
        var second = await ImportAsync(history, file, user: 7);
        await history.Partitions.DropBeforeAsync(history.Store.FirstKeptDay, TestContext.Current.CancellationToken);

        Assert.Equal((4, 4, 4), (first.Points, first.Rows, first.Expired));
        Assert.Equal([KeyValuePair.Create(SkipReason.NoTime, 1L)], first.Skipped);
        Assert.Equal((4, 0), (second.Points, second.Rows));
        Assert.Equal(4, await history.RowsOfAsync(7));
        Assert.Equal(2, await history.QueryAsync<long>("select count(*) from pg_inherits where inhparent = 'location_history'::regclass"));
        Assert.Equal(["", "", "13"], (await ExportAsync(history, "days", ExportFormat.Csv, keepIds: true)).Select(row => row[4]).Order());
        var failure = await Assert.ThrowsAsync<FormatException>(() => ImportAsync(history, file));
        Assert.Equal("Timeline.json: the file does not say whose record it is; name the user with --user.", failure.Message);
    }

    [Fact]
    public async Task A_malformed_line_is_named()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        var file = WriteMovers("movers.csv.gz", "a,1212649200,37.74413,-122.40564", "a,1212649260,91,-122.4");

        var failure = await Assert.ThrowsAsync<FormatException>(() => ImportAsync(history, file));

        Assert.Equal("movers.csv.gz: line 3: the position or the time is out of range.", failure.Message);
    }

    [Fact]
    public void A_mover_that_is_a_user_id_keeps_it_and_any_other_name_becomes_always_the_same_id()
    {
        Assert.Equal(42, MoverRows.UserIdOf("42"));
        Assert.Equal(7_319_042_809_576_834_665, MoverRows.UserIdOf("acvebr"));
    }

    [Fact]
    public async Task An_export_holds_the_days_asked_for_under_names_that_change_from_export_to_export()
    {
        await using var history = await StartAsync(await servers.NewDatabaseAsync());
        await ImportAsync(history, WriteMovers(
            "movers.csv.gz", "1,1212649200,37.5,-122.4", "1,1212649260,37.6,-122.4", "2,1212649200,37.7,-122.4", "1,1212735600,37.8,-122.4", "1,1213000000,1,1"));

        var first = await ExportAsync(history, "first", ExportFormat.Csv, keepIds: false);
        var second = await ExportAsync(history, "second", ExportFormat.Csv, keepIds: false);

        Assert.Equal(["37.5000000", "37.6000000", "37.7000000", "37.8000000"], first.Select(row => row[2]).Order());
        var names = first.ToLookup(row => row[0]);
        Assert.Equal([1, 3], names.Select(rows => rows.Count()).Order());
        Assert.All(names, rows => Assert.Matches("^[A-Za-z0-9_-]{16}$", rows.Key));
        Assert.Empty(names.Select(rows => rows.Key).Intersect(second.Select(row => row[0])));
        Assert.Equal(["1", "1", "1", "2"], (await ExportAsync(history, "ids", ExportFormat.Csv, keepIds: true)).Select(row => row[0]).Order());
    }

    [Fact]
    public async Task A_Parquet_export_has_typed_columns_and_as_many_row_groups_as_it_needs()
    {
        const int Rows = (128 * 1024) + 1;
        var token = TestContext.Current.CancellationToken;
        await using var history = await StartWithDayAsync(Rows);

        await ExportAsync(history, OfThatDay(ExportFormat.Parquet));

        await using var file = await ParquetReader.CreateAsync(Assert.Single(_folder.GetFiles("*.parquet")).FullName, cancellationToken: token);
        var fields = file.Schema.DataFields;
        Assert.Equal(["user", "recorded_at", "latitude", "longitude", "accuracy", "received_at"], fields.Select(field => field.Name));
        Assert.Equal([Rows - 1, 1], file.RowGroups.Select(group => group.RowCount));
        var rows = file.OpenRowGroupReader(0);
        var users = new string?[Rows - 1];
        var (recordedAt, receivedAt) = (new DateTime[Rows - 1], new DateTime[Rows - 1]);
        var (latitudes, longitudes, accuracies) = (new double[Rows - 1], new double[Rows - 1], new float?[Rows - 1]);
        await rows.ReadAsync(fields[0], users.AsMemory(), cancellationToken: token);
        await rows.ReadAsync<DateTime>(fields[1], recordedAt.AsMemory(), cancellationToken: token);
        await rows.ReadAsync<double>(fields[2], latitudes.AsMemory(), cancellationToken: token);
        await rows.ReadAsync<double>(fields[3], longitudes.AsMemory(), cancellationToken: token);
        await rows.ReadAsync<float>(fields[4], accuracies.AsMemory(), cancellationToken: token);
        await rows.ReadAsync<DateTime>(fields[5], receivedAt.AsMemory(), cancellationToken: token);
        var first = new DateTime(2026, 1, 31, 0, 0, 0, 1, DateTimeKind.Utc);
        Assert.Equal(("5", first, 37.5, 127.25, null, first.AddMilliseconds(40)), (users[0], recordedAt[0], latitudes[0], longitudes[0], accuracies[0], receivedAt[0]));
        Assert.Equal(("5", first.AddMilliseconds(1), 12.5f), (users[1], recordedAt[1], accuracies[1]));
    }

    [Theory]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Parquet)]
    public async Task An_export_that_is_cancelled_leaves_no_incomplete_file(ExportFormat format)
    {
        await using var history = await StartWithDayAsync(rows: 20_000);
        using var cancel = new CancellationTokenSource();
        var export = new HistoryExport(history.Database);
        var days = await export.DaysAsync(OfThatDay(format), TestContext.Current.CancellationToken);

        // Progress is reported every 10,000 rows.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => export.ExportAsync(OfThatDay(format), days, (_, _) => cancel.Cancel(), cancel.Token));

        Assert.Empty(_folder.GetFiles());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Task<ImportResult> ImportAsync(HistoryHost history, string file, long? user = null) =>
        new HistoryImport(history.Store, history.Partitions, TimeProvider.System).ImportAsync(new(file, UserId: user), null, TestContext.Current.CancellationToken);

    private static async Task ExportAsync(HistoryHost history, ExportRequest request)
    {
        var export = new HistoryExport(history.Database);
        await export.ExportAsync(request, await export.DaysAsync(request, TestContext.Current.CancellationToken), null, TestContext.Current.CancellationToken);
    }

    // The day 2026-01-31, with one row a millisecond.
    private async Task<HistoryHost> StartWithDayAsync(int rows)
    {
        var history = await StartAsync(await servers.NewDatabaseAsync());
        await history.Partitions.EnsureKeptAsync([new(2026, 1, 31)], history.Store.FirstKeptDay, TestContext.Current.CancellationToken);
        await history.QueryAsync<object>(
            $"""
            insert into location_history
            select 5, t, t + interval '40 ms', 375000000, 1272500000, case when i > 1 then 12.5 end
            from generate_series(1, {rows}) i, lateral (select timestamptz '2026-01-31T00:00:00Z' + i * interval '1 ms' as t) s;
            select 0;
            """);
        return history;
    }

    private ExportRequest OfThatDay(ExportFormat format) => new(new(2026, 1, 31), new(2026, 2, 1), format, _folder.FullName, KeepIds: true);

    // From 2008-06-05 to 2008-06-07; the rows of all files.
    private async Task<List<string[]>> ExportAsync(HistoryHost history, string folder, ExportFormat format, bool keepIds)
    {
        var path = Path.Combine(_folder.FullName, folder);
        await ExportAsync(history, new(new(2008, 6, 5), new(2008, 6, 7), format, path, keepIds));
        var rows = new List<string[]>();
        foreach (var file in Directory.EnumerateFiles(path, "*.csv.gz"))
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            var lines = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("user,recorded_at,latitude,longitude,accuracy,received_at", lines[0]);
            rows.AddRange(lines.Skip(1).Select(line => line.Split(',')));
        }

        return rows;
    }

    private string WriteMovers(string name, params string[] lines)
    {
        var path = Path.Combine(_folder.FullName, name);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        writer.Write("mover_id,epoch_seconds,lat,lon\n");
        foreach (var line in lines)
        {
            writer.Write(line + "\n");
        }

        return path;
    }
}
