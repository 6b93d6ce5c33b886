using System.Globalization;
using NearbyFriends.History;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>The consumer group of the history workers, seen by one instance.</summary>
public sealed class StreamGroup(IConnectionMultiplexer redis, string instance, TimeProvider clock)
{
    /// <summary>How many dead letters are kept at most; they hold locations of users who cannot have them erased.</summary>
    public const int MaxDeadLetters = 10_000;

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
    public async Task CreateAsync()
    {
        for (var stream = 0; stream < HistoryStreams.Count; stream++)
        {
            try
            {
                await Database.StreamCreateConsumerGroupAsync(HistoryStreams.Key(stream), HistoryStreams.Group, StreamPosition.Beginning);
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
            {
                // It exists.
            }
        }
    }

    /// <summary>Adds entries that nobody was given before, at most <paramref name="countPerStream"/> of each stream.</summary>
    /// <returns>Whether some stream gave as many as were asked for, and so may have more.</returns>
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
    /// Takes over entries that were given to anybody, this instance included, and not acknowledged. The stream's lease
    /// is this instance's, so whoever had them is dead, or has given up on them.
    /// </summary>
    /// <returns>Where the next call goes on; null when that was all.</returns>
    public async Task<RedisValue?> ClaimAsync(int stream, RedisValue from, int count, StreamBatch batch)
    {
        var claimed = await Database.StreamAutoClaimAsync(HistoryStreams.Key(stream), HistoryStreams.Group, instance, 0, from, count);
        foreach (ref readonly var entry in claimed.ClaimedEntries.AsSpan())
        {
            batch.Add(stream, entry);
        }

        return claimed.NextStartId == "0-0" ? default(RedisValue?) : claimed.NextStartId;
    }

    /// <summary>Acknowledges and removes what is stored, and moves what never will be to the dead letters; all or nothing per stream.</summary>
    public async Task SettleAsync(StreamBatch batch)
    {
        var settling = new List<Task>();
        foreach (var entries in batch.Entries.GroupBy(entry => entry.Stream))
        {
            var transaction = Database.CreateTransaction();
            foreach (var (entry, reason) in batch.DeadLetters.Where(letter => letter.Entry.Stream == entries.Key))
            {
                _ = transaction.StreamAddAsync(
                    HistoryStreams.DeadLetters,
                    [
                        new("reason", reason), new("stream", HistoryStreams.Key(entry.Stream)), new("id", entry.Id),
                        new(HistoryStreams.BatchField, entry.Body),
                    ],
                    maxLength: MaxDeadLetters,
                    useApproximateMaxLength: true);
            }

            var key = HistoryStreams.Key(entries.Key);
            RedisValue[] ids = [.. entries.Select(entry => entry.Id)];
            _ = transaction.StreamAcknowledgeAsync(key, HistoryStreams.Group, ids);
            _ = transaction.StreamDeleteAsync(key, ids);
            settling.Add(transaction.ExecuteAsync());
        }

        await Task.WhenAll(settling);
    }

    /// <summary>How far these streams are behind, together.</summary>
    public Task<HistoryLag> LagAsync(IReadOnlyCollection<int> streams) => HistoryLag.ReadAsync(Database, streams, clock);

    /// <summary>Deletes the group's record of instances that ended an hour ago and left nothing behind.</summary>
    public Task ForgetInstancesAsync(int stream) => Database.ScriptEvaluateAsync(
        ForgetScript, [HistoryStreams.Key(stream)], [HistoryStreams.Group, instance, (long)ForgetAfter.TotalMilliseconds]);

    /// <summary>Drops dead letters that are older than the history is kept.</summary>
    public Task ForgetDeadLettersAsync(TimeSpan retention)
    {
        var oldest = clock.GetUtcNow().Subtract(retention).ToUnixTimeMilliseconds();
        return Database.StreamTrimByMinIdAsync(HistoryStreams.DeadLetters, oldest.ToString(CultureInfo.InvariantCulture));
    }

    private static int StreamOf(RedisKey key)
    {
        var name = key.ToString();
        return int.Parse(name.AsSpan(name.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
    }
}
