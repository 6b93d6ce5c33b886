using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>Reads who was last in a cell; null while that is unknown.</summary>
public delegate Task<StrangerLocation[]?> ReadCell(Geohash cell);

/// <summary>
/// Keeps this gateway on the channels of the cells that its sessions look at: the first session of a cell subscribes and reads who is
/// there, the last one unsubscribes.
/// </summary>
public sealed partial class WatchedCells(StrangerMap map, FanoutSubscriber subscriber, ReadCell read, TimeProvider clock, ILogger<WatchedCells> logger)
{
    private readonly LogThrottle _failures = new(clock);
    private readonly Lock _gate = new();
    private readonly Dictionary<Geohash, Watched> _cells = [];

    /// <summary>
    /// Counts one more session of each of these cells. When it ends, who is in them is on the map, or the cache is unavailable: then
    /// people appear with their next location. Never fails.
    /// </summary>
    public Task AcquireAsync(IEnumerable<Geohash> cells)
    {
        var loads = new List<Task>();
        lock (_gate)
        {
            foreach (var cell in cells)
            {
                if (!_cells.TryGetValue(cell, out var watched))
                {
                    map.Open(cell);
                    _cells.Add(cell, watched = new Watched(LoadAsync(cell)));
                }

                watched.Sessions++;
                loads.Add(watched.Load);
            }
        }

        return Task.WhenAll(loads);
    }

    /// <summary>Takes back one session of each of these cells.</summary>
    public void Release(IEnumerable<Geohash> cells)
    {
        lock (_gate)
        {
            foreach (var cell in cells)
            {
                if (--_cells[cell].Sessions == 0)
                {
                    _cells.Remove(cell);
                    map.Close(cell);
                    subscriber.Unwatch(cell);
                }
            }
        }
    }

    /// <summary>Subscribes before it reads, so that nothing falls between.</summary>
    private async Task LoadAsync(Geohash cell)
    {
        await subscriber.WatchAsync(cell);
        if (await read(cell) is { } people)
        {
            map.Take(people);
        }
        else if (_failures.Add() is > 0 and var count)
        {
            LogCacheUnavailable(count);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The location cache is unavailable; strangers in {Count} cells since the last such line appear with their next location.")]
    private partial void LogCacheUnavailable(int count);

    private sealed class Watched(Task load)
    {
        public Task Load { get; } = load;

        public int Sessions { get; set; }
    }
}
