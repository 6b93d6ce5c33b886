using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.HistoryWorker.Streams;

/// <summary>Configuration section <c>History</c>, the streams' part.</summary>
public sealed record HistoryStreamOptions
{
    public const string Section = "History";

    /// <summary>
    /// How long an instance that no longer renews its lease keeps its streams; 1 s to 5 minutes, default 5 s. It bounds
    /// how long points of a killed instance wait, not whether they are stored.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "History:LeaseTime must lie between 00:00:01 and 00:05:00.")]
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The longest that a stopping instance continues to read until its streams are empty; 0 to 5 minutes, default 10 s.
    /// The rest stays in the stream. The process needs this time and 20 s more to stop.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00", ErrorMessage = "History:DrainTime must lie between 00:00:00 and 00:05:00.")]
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most points of a transaction, reached under load only; 256 to 1,000,000, default 65,536. 60 bytes of memory each, for every batch in hand.</summary>
    [Range(256, 1_000_000, ErrorMessage = "History:MaxBatchRows must lie between 256 and 1000000.")]
    public int MaxBatchRows { get; init; } = 65_536;
}
