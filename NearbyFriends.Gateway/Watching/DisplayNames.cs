using NearbyFriends.Core;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Watching;

/// <summary>
/// The names of friends who are seen: asked for in batches when somebody needs them, and kept with the friend's
/// location, so that the many friends who are never nearby cost nothing.
/// </summary>
public sealed partial class DisplayNames(IFriendSource friends, TimeProvider clock, ILogger<DisplayNames> logger)
{
    private readonly LogThrottle _failures = new(clock);
    private readonly Lock _gate = new();
    private Batch? _next;

    /// <summary>
    /// When it ends, each of <paramref name="locations"/> has its name, or the source is unavailable (which the log says).
    /// Callers of one moment share a query.
    /// </summary>
    public Task EnsureAsync(IReadOnlyCollection<FriendLocation> locations)
    {
        lock (_gate)
        {
            if (_next is null)
            {
                _next = new Batch();
                _ = RunAsync(_next);
            }

            _next.Locations.AddRange(locations);
            return _next.Done.Task;
        }
    }

    private async Task RunAsync(Batch batch)
    {
        await Task.Yield(); // lets the callers of this moment join
        lock (_gate)
        {
            _next = null;
        }

        try
        {
            var missing = batch.Locations.Where(l => l.DisplayName is null).Select(l => l.UserId).Distinct().ToList();
            var names = missing.Count > 0 ? await friends.DisplayNamesAsync(missing, CancellationToken.None) : new Dictionary<long, string>();
            foreach (var location in batch.Locations)
            {
                location.DisplayName ??= names.GetValueOrDefault(location.UserId, "");
            }
        }
        catch (Exception e)
        {
            if (_failures.Add() is > 0 and var count)
            {
                LogUnavailable(e, count);
            }
        }

        batch.Done.SetResult();
    }

    [LoggerMessage(LogLevel.Warning, "Friends' names could not be read ({Count} times since the last such line); lists show them without.")]
    private partial void LogUnavailable(Exception exception, int count);

    private sealed class Batch
    {
        public List<FriendLocation> Locations { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
