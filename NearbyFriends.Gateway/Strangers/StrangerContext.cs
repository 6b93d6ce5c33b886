using Microsoft.Extensions.Options;
using NearbyFriends.Core;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>What all <see cref="StrangerWatch"/>es of a gateway share.</summary>
public sealed class StrangerContext(
    StrangerMap map, WatchedCells cells, StrangerNames names, Pseudonyms pseudonyms, Snapping snapping, IOptions<StrangerOptions> options,
    TimeProvider clock)
{
    public StrangerMap Map { get; } = map;

    public WatchedCells Cells { get; } = cells;

    public StrangerNames Names { get; } = names;

    public Pseudonyms Pseudonyms { get; } = pseudonyms;

    public Snapping Snapping { get; } = snapping;

    /// <summary>Least milliseconds between two messages.</summary>
    public long RefreshEveryMs { get; } = (long)options.Value.RefreshEvery.TotalMilliseconds;

    /// <summary>The day whose pseudonyms are told now.</summary>
    public long Today => Strangers.Pseudonyms.DayOf(Now);

    /// <summary>Unix milliseconds.</summary>
    public long Now => clock.UnixMilliseconds();
}
