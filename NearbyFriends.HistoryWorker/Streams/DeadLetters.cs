using System.Globalization;
using NearbyFriends.History;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>An entry, or a part of one, that cannot be stored, and why.</summary>
public readonly record struct DeadLetter(DeliveredEntry Entry, string Reason);

/// <summary>The stream of entries that cannot be stored, which operators look into (docs/operations.md).</summary>
public sealed class DeadLetters(IConnectionMultiplexer redis, TimeProvider clock)
{
    /// <summary>How many are kept; the oldest are dropped.</summary>
    public const int Max = 10_000;

    private const int PageSize = 100;

    // A full server refuses XADD, except by a script with this flag.
    private const string AddScript = """
        #!lua flags=allow-oom
        return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(ARGV, 2))
        """;

    private IDatabase Database => redis.GetDatabase();

    /// <summary>Adds one; also while the stream server is full.</summary>
    public Task AddAsync(DeadLetter letter) => Database.ScriptEvaluateAsync(
        AddScript,
        [HistoryStreams.DeadLetters],
        [
            Max,
            "reason", letter.Reason,
            "stream", HistoryStreams.Key(letter.Entry.Stream),
            "id", letter.Entry.Id,
            HistoryStreams.BatchField, letter.Entry.Body,
        ]);

    /// <summary>Removes those that are older than the history is kept.</summary>
    public Task RemoveOlderThanAsync(TimeSpan retention)
    {
        var oldest = clock.GetUtcNow().Subtract(retention).ToUnixTimeMilliseconds();
        return Database.StreamTrimByMinIdAsync(HistoryStreams.DeadLetters, oldest.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Removes those that hold a point of one of these users, and those that cannot be decoded: they may hold one.</summary>
    public async Task EraseAsync(IReadOnlySet<long> users)
    {
        RedisValue from = "-";
        StreamEntry[] page;
        do
        {
            page = await Database.StreamRangeAsync(HistoryStreams.DeadLetters, from, count: PageSize);
            RedisValue[] erased = [.. page.Where(letter => MayHoldPointOf(users, letter)).Select(letter => letter.Id)];
            if (erased.Length > 0)
            {
                await Database.StreamDeleteAsync(HistoryStreams.DeadLetters, erased);
            }

            from = page.Length > 0 ? $"({page[^1].Id}" : from;
        }
        while (page.Length == PageSize);
    }

    private static bool MayHoldPointOf(IReadOnlySet<long> users, StreamEntry letter)
    {
        ReadOnlyMemory<byte> body = letter[HistoryStreams.BatchField];
        var points = new HistoryPoint[HistoryBatch.MaxPointsIn(body.Length)];
        return HistoryBatch.Decode(body.Span, points, out var count) is not null
            || points.Take(count).Any(point => users.Contains(point.UserId));
    }
}
