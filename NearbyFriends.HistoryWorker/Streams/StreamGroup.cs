using System.Globalization;
using NearbyFriends.History;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>The consumer group of the history workers, seen by one instance.</summary>
/// <remarks>
/// Everything here works while the stream server is full; otherwise a full stream could not be emptied. Under
/// <c>noeviction</c> a full server refuses commands that may need memory, and every command within MULTI. Reading (XREADGROUP,
/// XAUTOCLAIM) and settling (XDEL, XACK) are not among them. What is refused, such as XGROUP CREATE, is called by scripts with
/// the flag <c>allow-oom</c>; what they add is small and bounded.
/// </remarks>
public sealed class StreamGroup(IConnectionMultiplexer redis, DeadLetters deadLetters, string instance, TimeProvider clock)
{
    private const string CreateScript = """
        #!lua flags=allow-oom
        for _, stream in ipairs(KEYS) do
          local answer = redis.pcall('XGROUP', 'CREATE', stream, ARGV[1], '0', 'MKSTREAM')
          if answer.err and not string.find(answer.err, '^BUSYGROUP') then return answer end
        end
        """;

    // One step, so that no consumer is deleted that has just been given entries.
    private const string ForgetScript = """
        for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
          local name, pending, idle = consumer[2], consumer[4], consumer[6]
          if name ~= ARGV[2] and pending == 0 and idle > tonumber(ARGV[3]) then
            redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], name)
          end
        end
        """;

    private static readonly TimeSpan ForgetAfter = TimeSpan.FromHours(1);

    private IDatabase Database => redis.GetDatabase();

    /// <summary>Makes the streams and the group where they do not exist.</summary>
    public Task CreateAsync() => Database.ScriptEvaluateAsync(
        CreateScript, [.. HistoryStreams.All.Select(stream => (RedisKey)HistoryStreams.Key(stream))], [HistoryStreams.Group]);

    /// <summary>Adds entries that were not delivered before, at most <paramref name="countPerStream"/> of each stream.</summary>
    /// <returns>Whether a stream returned as many as requested, and so may have more.</returns>
    public async Task<bool> ReadAsync(IReadOnlyList<int> streams, int countPerStream, StreamBatch batch)
    {
        var positions = new StreamPosition[streams.Count];
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = new(HistoryStreams.Key(streams[i]), StreamPosition.NewMessages);
        }

        var more = false;
        foreach (var read in await Database.StreamReadGroupAsync(positions, HistoryStreams.Group, instance, countPerStream))
        {
            var stream = StreamOf(read.Key);
            foreach (ref readonly var entry in read.Entries.AsSpan())
            {
                batch.Add(stream, entry);
            }

            more |= read.Entries.Length >= countPerStream;
        }

        return more;
    }

    /// <summary>
    /// Takes over entries that were delivered to any instance, this one included, and not acknowledged. This instance has the
    /// stream's lease, so no other instance settles them.
    /// </summary>
    /// <returns>Where the next call continues; null when that was all.</returns>
    public async Task<RedisValue?> ClaimAsync(int stream, RedisValue from, int count, StreamBatch batch)
    {
        var claimed = await Database.StreamAutoClaimAsync(HistoryStreams.Key(stream), HistoryStreams.Group, instance, 0, from, count);
        foreach (ref readonly var entry in claimed.ClaimedEntries.AsSpan())
        {
            batch.Add(stream, entry);
        }

        return claimed.NextStartId == "0-0" ? default(RedisValue?) : claimed.NextStartId;
    }

    /// <summary>Keeps what cannot be stored as dead letters, then removes and acknowledges all entries of the batch.</summary>
    /// <remarks>
    /// Each step begins when the one before is answered. If this process dies in between, the entries are still pending: another
    /// instance takes over those that exist, and XAUTOCLAIM drops those that are deleted. The reverse order could leave
    /// acknowledged entries in the stream, which would never be deleted.
    /// </remarks>
    public async Task SettleAsync(StreamBatch batch)
    {
        await Task.WhenAll(batch.DeadLetters.Select(deadLetters.AddAsync));
        var settled = batch.Entries.GroupBy(entry => entry.Stream, entry => entry.Id)
            .Select(entries => (Stream: HistoryStreams.Key(entries.Key), Ids: entries.ToArray())).ToList();
        await Task.WhenAll(settled.Select(entries => Database.StreamDeleteAsync(entries.Stream, entries.Ids)));
        await Task.WhenAll(settled.Select(entries => Database.StreamAcknowledgeAsync(entries.Stream, HistoryStreams.Group, entries.Ids)));
    }

    /// <summary>How far these streams are behind, together.</summary>
    public Task<HistoryLag> LagAsync(IReadOnlyCollection<int> streams) => HistoryLag.ReadAsync(Database, streams, clock);

    /// <summary>Deletes the group's record of instances that ended an hour ago and left nothing behind.</summary>
    public Task ForgetInstancesAsync(int stream) => Database.ScriptEvaluateAsync(
        ForgetScript, [HistoryStreams.Key(stream)], [HistoryStreams.Group, instance, (long)ForgetAfter.TotalMilliseconds]);

    private static int StreamOf(RedisKey key)
    {
        var name = key.ToString();
        return int.Parse(name.AsSpan(name.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
    }
}
