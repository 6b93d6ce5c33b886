using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.LocationCache;


namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Writes the locations of a <see cref="FanoutOptions.FrameWindow"/> to the cache together, and sends the frames of those
/// that count as soon as it is known that they do.
/// </summary>
/// <remarks>
/// Updates wait for others here and not in their frame, so gathering costs no time twice. A round trip a window instead of
/// one an update is what makes it cheap: each wakes several threads on both sides. While a shard is slow its updates gather,
/// and those of the other shards go on.
/// </remarks>
public sealed partial class LocationWriter : IHostedService
{
    private readonly Dictionary<CacheShard, Lane> _lanes;
    private readonly RedisLocationCache _cache;

    public LocationWriter(RedisLocationCache cache, FanoutPublisher publisher, ILogger<LocationWriter> logger)
    {
        _cache = cache;
        _lanes = cache.Shards.ToDictionary(shard => shard, shard => new Lane(cache, shard, publisher, logger));
        publisher.EveryWindow(WriteAll);
    }

    /// <summary>
    /// Writes a location with those of its window. Where the cache is away it counts as current: who connects now learns of
    /// the user with the next update.
    /// </summary>
    /// <param name="entry">The user, its sharing version, and where it is.</param>
    /// <param name="atOnce">
    /// Whether somebody waits for it, so that it takes along what has gathered instead of waiting for the window's end.
    /// </param>
    public Task<LocationWrite> WriteAsync(in FrameEntry entry, bool atOnce)
    {
        var lane = _lanes[_cache.ShardOf(entry.UserId)];
        var written = lane.Add(new(entry.UserId, entry.Version, entry.Location), atOnce);
        if (atOnce)
            _ = lane.Write();

        return written;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes and sends what was taken before the stop.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_lanes.Values.Select(lane => lane.FinishAsync())).WaitAsync(cancellationToken);

    private void WriteAll()
    {
        foreach (var lane in _lanes.Values)
            _ = lane.Write();
    }

    [LoggerMessage(LogLevel.Error, "Locations could not be written to the cache; they are told all the same.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    /// <summary>The writes of one shard, one batch after the other.</summary>
    private sealed class Lane(RedisLocationCache cache, CacheShard shard, FanoutPublisher publisher, ILogger logger)
    {
        /// <summary>Locations of a script: some 0.3 ms of the server's time.</summary>
        private const int MaxInScript = 256;

        private readonly Lock _gate = new();
        private List<LocationToWrite> _locations = [];
        private List<TaskCompletionSource<LocationWrite>> _waiting = [];
        private Task? _writing;
        private bool _isUrgent;

        public Task<LocationWrite> Add(in LocationToWrite location, bool isUrgent)
        {
            var done = new TaskCompletionSource<LocationWrite>(); // what follows is short, and is sent with the others of the batch
            lock (_gate)
            {
                _locations.Add(location);
                _waiting.Add(done);
                _isUrgent |= isUrgent;
            }

            return done.Task;
        }

        /// <summary>Begins to write what waits, unless the batch before is still under way. The task is that of the batch under way now; null when there is none.</summary>
        public Task? Write()
        {
            TaskCompletionSource written;
            List<LocationToWrite> locations;
            List<TaskCompletionSource<LocationWrite>> waiting;
            lock (_gate)
            {
                if (_writing is not null || _locations.Count == 0)
                    return _writing;

                written = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _writing = written.Task;
                _isUrgent = false;
                (locations, waiting) = (_locations, _waiting);
                (_locations, _waiting) = (new(locations.Count), new(locations.Count));
            }

            _ = WriteAsync(locations, waiting, written);
            return written.Task;
        }

        /// <summary>Writes all there is.</summary>
        public async Task FinishAsync()
        {
            while (Write() is { } writing)
                await writing;
        }

        private async Task WriteAsync(List<LocationToWrite> locations, List<TaskCompletionSource<LocationWrite>> waiting, TaskCompletionSource written)
        {
            try
            {
                var scripts = locations.Chunk(MaxInScript).Select(WriteAsync).ToArray(); // all of them under way at once
                var next = 0;
                foreach (var script in scripts)
                {
                    foreach (var write in await script)
                        waiting[next++].SetResult(write);
                }

                publisher.Flush();
            }
            finally
            {
                bool isUrgent;
                lock (_gate)
                {
                    _writing = null;
                    isUrgent = _isUrgent;
                }

                written.SetResult();
                if (isUrgent)
                    _ = Write();
            }
        }

        private async Task<LocationWrite[]> WriteAsync(LocationToWrite[] locations)
        {
            try
            {
                return await cache.WriteAsync(shard, locations);
            }
            catch (Exception e)
            {
                if (!CacheShard.IsAway(e)) // else counted, and told by health checks and doubt
                    LogFailed(logger, e);

                var current = new LocationWrite[locations.Length];
                Array.Fill(current, LocationWrite.Current);
                return current;
            }
        }
    }
}
