using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.LocationCache;
using StackExchange.Redis;

namespace NearbyFriends.Api.Changes;

/// <summary>
/// The fast path of a change: tells the gateways by pub/sub right after the commit, and leaves a tombstone in the location
/// cache when the user hides, or carries the location there over to the sharing version that only changes the end.
/// </summary>
/// <remarks>
/// It is only fast: the change stands in the journal, which every gateway reads. So a server that is unavailable fails no
/// request, attempts end after half a minute, and nothing is kept for a later start of this process.
/// </remarks>
public sealed partial class ChangeAnnouncer(
    FanoutPublisher publisher, RedisLocationCache cache, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<ChangeAnnouncer> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan[] Pauses = [.. new[] { 0.25, 0.5, 1, 2, 4, 8, 16 }.Select(TimeSpan.FromSeconds)];

    private readonly LogThrottle _givenUp = new(clock);

    /// <summary>Ends after the first attempt, or a second if that is sooner; further attempts follow in the background.</summary>
    public async Task AnnounceAsync(IReadOnlyCollection<Change> changes)
    {
        var attempts = changes.Select(FirstAttemptAsync).ToArray();
        await Task.WhenAny(Task.WhenAll(attempts), Task.Delay(Patience, clock));
    }

    private Task FirstAttemptAsync(Change change)
    {
        var attempted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = RunAsync(change, attempted);
        return attempted.Task;
    }

    private async Task RunAsync(Change change, TaskCompletionSource attempted)
    {
        var announced = false;
        var cached = !change.Hides && change.Kind != ChangeKind.SharingEndChanged;
        for (var attempt = 0; ; attempt++)
        {
            announced = announced || publisher.TrySend(FrameEntry.Of(change));
            cached = cached || await TryCacheAsync(change);
            attempted.TrySetResult();
            if (announced && cached)
            {
                return;
            }

            if (attempt == Pauses.Length || lifetime.ApplicationStopping.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(Pauses[attempt], clock, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_givenUp.Add() is > 0 and var count)
        {
            LogGaveUp(count, change.Kind, announced, cached);
        }
    }

    private async Task<bool> TryCacheAsync(Change change)
    {
        try
        {
            await (change.Hides
                ? cache.HideAsync(change.UserId, change.Version)
                : cache.ProlongAsync(change.UserId, change.Version, change.Detail));
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            return false;
        }
    }

    [LoggerMessage(
        LogLevel.Warning, "{Count} changes since the last such line are left to the journal, the last ({Kind}): announced {Announced}, location cache changed {Cached}")]
    private partial void LogGaveUp(int count, ChangeKind kind, bool announced, bool cached);
}
