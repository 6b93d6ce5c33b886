using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.HistoryWorker.Storing;

/// <summary>Configuration section <c>History</c>, the database's part.</summary>
public sealed record HistoryStoreOptions
{
    public const string Section = "History";

    /// <summary>How long a point is kept after its time; 1 to 36,500 days, default 90 days. Whole days are dropped at once.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00", ErrorMessage = "History:Retention must lie between 1.00:00:00 and 36500.00:00:00.")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How many days ahead partitions are made; 1 to 60, default 3. Others are made when a point needs them.</summary>
    [Range(1, 60, ErrorMessage = "History:PartitionsAhead must lie between 1 and 60.")]
    public int PartitionsAhead { get; init; } = 3;

    /// <summary>
    /// How many batches one instance stores at the same time, each on a Postgres connection of its own; 1 to 16,
    /// default 2. Twice as many are in progress, so that while some are copied the next are read, decoded and sorted.
    /// </summary>
    [Range(1, 16, ErrorMessage = "History:Connections must lie between 1 and 16.")]
    public int Connections { get; init; } = 2;
}
