using NearbyFriends.TestServers;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

public sealed class ExactlyOnceTests
{
    private const int Updates = 40_000;
    private const int Kills = 3;

    [Fact]
    public async Task Every_update_is_stored_once_while_workers_are_killed_and_Postgres_restarts()
    {
        await using var redis = await RedisServer.StartAsync(arguments: ["--appendonly", "yes"]);
        await using var postgres = await PostgresServer.StartAsync();
        var database = await postgres.CreateDatabaseAsync("history");
        await using var gateway = await StartAppenderAsync(redis.ConnectionString, ("History:BatchWindow", "00:00:00.020"));
        await using var first = await StartWorkerProcessAsync(database, redis.ConnectionString);
        await using var second = await StartWorkerProcessAsync(database, redis.ConnectionString);
        await using var history = await StartAsync(database);
        var sending = SendAsync(gateway);

        for (var kill = 1; kill <= Kills; kill++)
        {
            await RowsAsync(atLeast: kill * Updates / (Kills + 2));
            await first.KillAndStartAnotherAsync();
            if (kill == 2)
            {
                await postgres.RestartAsync();
            }

            await RowsAsync(atLeast: (kill * Updates / (Kills + 2)) + 1_000);
            await second.KillAndStartAnotherAsync();
        }

        await sending;
        await Eventually.True(() => gateway.Buffered == 0, "all updates are in the stream");
        await Eventually.True(async () => await gateway.EntriesAsync() == 0, "the stream is empty", TimeSpan.FromMinutes(2));

        Assert.Equal(Updates, await history.RowsAsync());
        Assert.Equal(Updates, await history.QueryAsync<long>("select count(*) from (select distinct user_id, recorded_at from location_history) d"));

        Task RowsAsync(int atLeast) => Eventually.True(
            async () => await history.CountedAsync() >= atLeast, $"{atLeast} rows are stored", TimeSpan.FromMinutes(1));
    }

    private static Task<ServiceProcess> StartWorkerProcessAsync(string database, string stream) => ServiceProcess.StartAsync(
        "NearbyFriends.HistoryWorker",
        ("ConnectionStrings:history", database), ("ConnectionStrings:history-stream", stream), ("History:LeaseTime", "00:00:01"));

    // As a gateway would: a few hundred at a time, until all are sent.
    private static async Task SendAsync(HistoryHost gateway)
    {
        var start = Now;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var sent = 0; sent < Updates && await pace.WaitForNextTickAsync();)
        {
            for (var end = Math.Min(Updates, sent + 50); sent < end; sent++)
            {
                gateway.Append(Point(1 + (sent % 1_000), start + (sent / 1_000)));
            }
        }
    }
}
