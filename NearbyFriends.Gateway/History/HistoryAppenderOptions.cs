using System.ComponentModel.DataAnnotations;
using NearbyFriends.History;

namespace NearbyFriends.Gateway.History;

/// <summary>Configuration section <c>History</c>, the gateway's part: how points are collected before they go to the stream.</summary>
public sealed record HistoryAppenderOptions
{
    public const string Section = "History";

    /// <summary>
    /// The longest that a point waits for others to share an entry with; 10 ms to 10 s, default 100 ms. An entry
    /// leaves earlier when it has 256 points. Entries of fewer than about 32 points cost the stream more per point.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10", ErrorMessage = "History:BatchWindow must lie between 00:00:00.010 and 00:00:10.")]
    public TimeSpan BatchWindow { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How many points a gateway holds while the stream is unavailable or full; then the oldest are dropped. 40 bytes each;
    /// 16 to 100,000,000, default 1,000,000 (40 MB: five minutes of 100,000 connections).
    /// </summary>
    [Range(HistoryStreams.Count, 100_000_000, ErrorMessage = "History:BufferedPoints must lie between 16 and 100000000.")]
    public int BufferedPoints { get; init; } = 1_000_000;
}
