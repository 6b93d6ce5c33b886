using System.Globalization;
using StackExchange.Redis;

namespace NearbyFriends.History;

/// <summary>
/// The streams between gateways and history workers: <c>history:0</c> to <c>history:15</c> on the server
/// <c>history-stream</c>. A user's points all go to one of them, so that workers which read different streams never
/// write the same rows.
/// </summary>
public static class HistoryStreams
{
    /// <summary>Connection name of the Redis server; also the key of its <c>IConnectionMultiplexer</c>.</summary>
    public const string Server = "history-stream";

    /// <summary>The number of streams; changing it needs the streams to be empty.</summary>
    public const int Count = 16;

    /// <summary>All streams: 0 to 15.</summary>
    public static IReadOnlyList<int> All { get; } = [.. Enumerable.Range(0, Count)];

    /// <summary>The consumer group of the history workers.</summary>
    public const string Group = "history-workers";

    /// <summary>The one field of an entry; its value is a <see cref="HistoryBatch"/>.</summary>
    public const string BatchField = "b";

    /// <summary>Where entries go that cannot be stored, with the fields <c>reason</c>, <c>stream</c>, <c>id</c> and the entry's own.</summary>
    public const string DeadLetters = "history:dead";

    /// <summary>The key of stream <paramref name="stream"/> (0 to 15).</summary>
    public static string Key(int stream) => $"history:{stream}";

    /// <summary>When an entry was appended, by the clock of the stream server, which is in its id; Unix milliseconds.</summary>
    public static long AppendedAt(RedisValue id)
    {
        var text = id.ToString();
        return long.Parse(text.AsSpan(0, text.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
    }

    /// <summary>The stream of a user. Fibonacci hashing: consecutive ids spread evenly.</summary>
    public static int Of(long userId) => (int)(((ulong)userId * 0x9E37_79B9_7F4A_7C15) >> 60);
}
