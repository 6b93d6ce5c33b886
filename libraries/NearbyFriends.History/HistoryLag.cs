using StackExchange.Redis;

namespace NearbyFriends.History;

/// <summary>How far the workers are behind.</summary>
/// <param name="Entries">Entries of the streams that are not stored yet.</param>
/// <param name="Age">For how long the oldest of them has been waiting.</param>
public readonly record struct HistoryLag(long Entries, TimeSpan Age)
{
    /// <summary>The lag of these streams together; one round trip.</summary>
    /// <exception cref="RedisException">The stream server is unavailable.</exception>
    public static async Task<HistoryLag> ReadAsync(IDatabase database, IReadOnlyCollection<int> streams, TimeProvider clock)
    {
        // Stored entries are deleted, so the length counts those that are not stored.
        var lengths = streams.Select(stream => database.StreamLengthAsync(HistoryStreams.Key(stream))).ToArray();
        var oldest = streams.Select(stream => database.StreamRangeAsync(HistoryStreams.Key(stream), count: 1)).ToArray();
        var entries = (await Task.WhenAll(lengths)).Sum();
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var first = (await Task.WhenAll(oldest)).SelectMany(found => found).Select(entry => HistoryStreams.AppendedAt(entry.Id)).DefaultIfEmpty(now).Min();
        return new(entries, TimeSpan.FromMilliseconds(Math.Max(0, now - first)));
    }
}
