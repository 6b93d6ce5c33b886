using NearbyFriends.History;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>What an instance holds after a renewal.</summary>
/// <param name="Streams">Its streams, 0 to 15, ascending.</param>
/// <param name="FairShare">How many it should hold, given the number of live instances.</param>
public readonly record struct StreamShare(IReadOnlyList<int> Streams, int FairShare);

/// <summary>
/// Assigns the streams to the instances of the worker, so that each stream has one reader, and a batch has many points
/// of few streams.
/// </summary>
/// <remarks>
/// Two keys on the stream server: <c>history:workers</c>, a sorted set of the living instances by the time at which
/// they count as dead, and <c>history:leases</c>, a hash of stream to instance. A lease is valid while its holder is
/// alive. One script, by the server's clock, keeps the caller alive, returns the streams that it releases, and assigns
/// it free streams and those of dead instances until it holds its fair share. An instance that holds more than its
/// share, because another was started, finishes its current batch of the surplus streams and releases them.
/// Leases are for speed, not for correctness: if two instances read the same stream, after a long pause of one of them,
/// the consumer group still gives every entry to one of them, and the primary key rejects duplicates.
/// </remarks>
public sealed class StreamLeases(IConnectionMultiplexer redis, string instance, TimeSpan leaseTime)
{
    // Renewed also while the server is full: what it adds is one name per instance and per stream.
    private const string Script = """
        #!lua flags=allow-oom
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local me, ttl, streams = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        redis.call('ZADD', KEYS[1], now + ttl, me)
        for i = 4, #ARGV do
          if redis.call('HGET', KEYS[2], ARGV[i]) == me then redis.call('HDEL', KEYS[2], ARGV[i]) end
        end
        local share = math.ceil(streams / redis.call('ZCARD', KEYS[1]))
        local mine, free = {}, {}
        for s = 0, streams - 1 do
          local holder = redis.call('HGET', KEYS[2], s)
          if holder == me then
            mine[#mine + 1] = s
          elseif not holder or not redis.call('ZSCORE', KEYS[1], holder) then
            free[#free + 1] = s
          end
        end
        for i = 1, math.min(#free, share - #mine) do
          redis.call('HSET', KEYS[2], free[i], me)
          mine[#mine + 1] = free[i]
        end
        return {share, mine}
        """;

    private static readonly RedisKey[] Keys = ["history:workers", "history:leases"];

    /// <summary>Keeps this instance alive for another lease time, and brings its share up to date.</summary>
    /// <param name="release">Streams that this instance no longer reads.</param>
    /// <exception cref="RedisException">The stream server is unavailable.</exception>
    public async Task<StreamShare> RenewAsync(IReadOnlyCollection<int> release)
    {
        RedisValue[] arguments =
            [instance, (long)leaseTime.TotalMilliseconds, HistoryStreams.Count, .. release.Select(stream => (RedisValue)stream)];
        var result = (RedisResult[])(await redis.GetDatabase().ScriptEvaluateAsync(Script, Keys, arguments))!;
        var streams = (int[])result[1]!;
        Array.Sort(streams);
        return new(streams, (int)result[0]);
    }

    /// <summary>Removes this instance: its streams are free at once.</summary>
    /// <exception cref="RedisException">The stream server is unavailable.</exception>
    public Task LeaveAsync() => redis.GetDatabase().SortedSetRemoveAsync(Keys[0], instance);
}
