using NearbyFriends.History;
using NearbyFriends.TestServers;
using StackExchange.Redis;
using static NearbyFriends.IntegrationTests.History.HistoryHost;

namespace NearbyFriends.IntegrationTests.History;

public sealed class HistoryAppenderTests
{
    [Fact]
    public async Task Points_of_a_user_share_entries_of_one_stream_of_at_most_256()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString, ("History:BatchWindow", "00:00:02"));

        for (var i = 0; i < 1_000; i++)
        {
            gateway.Append(Point(7, Now + i));
        }

        await Eventually.True(() => gateway.Buffered == 0, "all points are sent");
        var entries = await gateway.Stream.StreamRangeAsync(HistoryStreams.Key(HistoryStreams.Of(7)));
        var counts = entries.Select(entry => Decode(entry).Count).ToList();
        Assert.Equal(1_000, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 1, 256));
        Assert.InRange(counts.Count, 4, 10); // four, and one more for each 2 s that appending took
    }

    [Fact]
    public async Task What_is_queued_is_sent_before_the_service_ends()
    {
        await using var redis = await RedisServer.StartAsync();
        var gateway = await StartAppenderAsync(redis.ConnectionString, ("History:BatchWindow", "00:00:10"));
        gateway.Append(Point(7, Now));

        await gateway.StopAsync();

        Assert.Equal(1, await gateway.Stream.StreamLengthAsync(HistoryStreams.Key(HistoryStreams.Of(7))));
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task While_the_stream_server_is_away_the_newest_points_are_kept_and_sent_later()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAppenderAsync(redis.ConnectionString, ("History:BufferedPoints", "16000"));
        gateway.Append(Point(7, 1));
        await Eventually.True(() => gateway.Buffered == 0, "the connection works");
        await redis.KillAsync();

        const int Sent = 5_000;
        for (var i = 1; i <= Sent; i++)
        {
            gateway.Append(Point(7, i));
        }

        Assert.InRange(gateway.Buffered, 1_000, 1_000 + (64 * 256));
        await redis.RestartAsync();
        await Eventually.True(() => gateway.Buffered == 0, "the buffer is sent");
        var times = await gateway.TimesInStreamAsync(7);
        Assert.True(times.Count < Sent, "the ring is smaller than what was sent");
        Assert.Equal(Enumerable.Range(Sent - 999, 1_000).Select(i => (long)i), times.TakeLast(1_000));
    }

    [Fact]
    public async Task A_full_stream_server_counts_as_away_until_there_is_room_again()
    {
        await using var redis = await RedisServer.StartAsync(arguments: ["--maxmemory-policy", "noeviction"]);
        await using var gateway = await StartAppenderAsync(redis.ConnectionString);
        await gateway.Stream.ExecuteAsync("CONFIG", "SET", "maxmemory", "1"); // less than it has in use, whatever that is

        gateway.Append(Point(7, 1));
        await Eventually.True(async () => await RefusalsAsync(gateway.Stream) > 0, "the stream refuses the point");
        Assert.Equal(1, gateway.Buffered);
        await gateway.Stream.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");

        await Eventually.True(() => gateway.Buffered == 0, "the point is sent");
        Assert.Equal([1], await gateway.TimesInStreamAsync(7));
    }

    private static async Task<long> RefusalsAsync(IDatabase database)
    {
        var stats = (string)(await database.ExecuteAsync("INFO", "commandstats"))!;
        var appends = Array.Find(stats.Split('\n'), line => line.StartsWith("cmdstat_xadd", StringComparison.Ordinal)) ?? "rejected_calls=0";
        return long.Parse(appends.Split("rejected_calls=")[1].Split(',')[0]);
    }
}
