using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Writes the locations of a <see cref="FanoutOptions.FrameWindow"/> to the cache together, and sends the frames of those
/// that count as soon as it is known that they do.
/// </summary>
/// <remarks>
/// Updates wait for others here and not in their frame, so gathering costs no time twice. A round trip a window instead of
/// one an update is what makes it cheap: each wakes several threads on both sides.
/// </remarks>
public sealed class LocationWriter : IHostedService
{
    private readonly RedisLocationCache _cache;
    private readonly FanoutPublisher _publisher;
    private readonly Lock _gate = new();
    private List<LocationUpdate> _updates = [];
    private List<TaskCompletionSource<LocationWrite>> _waiting = [];
    private Task? _writing;
    private bool _isUrgent;

    public LocationWriter(RedisLocationCache cache, FanoutPublisher publisher)
    {
        (_cache, _publisher) = (cache, publisher);
        publisher.EveryWindow(() => _ = Write());
    }

    /// <summary>
    /// Writes a location with those of its window. Where the cache is unavailable it counts as current: who connects now learns
    /// of the user with the next update.
    /// </summary>
    /// <param name="update">The user, its sharing version, and where it is.</param>
    /// <param name="atOnce">
    /// Whether somebody waits for it, so that it takes along what has gathered instead of waiting for the window's end.
    /// </param>
    public Task<LocationWrite> WriteAsync(in LocationUpdate update, bool atOnce)
    {
        var done = new TaskCompletionSource<LocationWrite>(); // what follows is short, and is sent with the others of the batch
        lock (_gate)
        {
            _updates.Add(update);
            _waiting.Add(done);
            _isUrgent |= atOnce;
        }

        if (atOnce)
            _ = Write();

        return done.Task;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes and sends what was taken before the stop.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        while (Write() is { } writing)
            await writing.WaitAsync(cancellationToken);
    }

    // Begins to write what waits, unless the batch before is still under way. The task is that of the batch under way now.
    private Task? Write()
    {
        TaskCompletionSource written;
        List<LocationUpdate> updates;
        List<TaskCompletionSource<LocationWrite>> waiting;
        lock (_gate)
        {
            if (_writing is not null || _updates.Count == 0)
                return _writing;

            written = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _writing = written.Task;
            _isUrgent = false;
            (updates, waiting) = (_updates, _waiting);
            (_updates, _waiting) = (new(updates.Count), new(updates.Count));
        }

        _ = WriteAsync(updates, waiting, written);
        return written.Task;
    }

    private async Task WriteAsync(List<LocationUpdate> updates, List<TaskCompletionSource<LocationWrite>> waiting, TaskCompletionSource written)
    {
        try
        {
            var outcomes = await _cache.WriteAsync(updates);
            for (var i = 0; i < outcomes.Length; i++)
                waiting[i].SetResult(outcomes[i] ?? LocationWrite.Current);

            _publisher.Flush();
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
}
