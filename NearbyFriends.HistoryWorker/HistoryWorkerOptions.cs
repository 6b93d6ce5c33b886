using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.HistoryWorker;

/// <summary>Configuration section <c>History</c>, the worker's part.</summary>
public sealed record HistoryWorkerOptions
{
    public const string Section = "History";

    /// <summary>How long a point is kept after its time; 1 to 36,500 days, default 90 days. Whole days are dropped at once.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00", ErrorMessage = "History:Retention must lie between 1.00:00:00 and 36500.00:00:00.")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How many days ahead partitions are made; 1 to 60, default 3. Others are made when a point needs them.</summary>
    [Range(1, 60, ErrorMessage = "History:PartitionsAhead must lie between 1 and 60.")]
    public int PartitionsAhead { get; init; } = 3;

    /// <summary>
    /// How long an instance that fell silent keeps its streams; 1 s to 5 minutes, default 5 s. It bounds how long points
    /// of a killed instance wait, not whether they are stored.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "History:LeaseTime must lie between 00:00:01 and 00:05:00.")]
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many batches one instance stores at the same time, each on a Postgres connection of its own; 1 to 16,
    /// default 2. Twice as many are in hand, so that while some are copied the next are read, decoded and sorted.
    /// </summary>
    [Range(1, 16, ErrorMessage = "History:Connections must lie between 1 and 16.")]
    public int Connections { get; init; } = 2;

    /// <summary>The most points of a transaction, reached under load only; 256 to 1,000,000, default 65,536. 60 bytes of memory each, for every batch in hand.</summary>
    [Range(256, 1_000_000, ErrorMessage = "History:MaxBatchRows must lie between 256 and 1000000.")]
    public int MaxBatchRows { get; init; } = 65_536;
}
