using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace NearbyFriends.Fanout.Actors;

/// <summary>
/// Renews what this gateway watches, before the actors forget it; and at once where an actor belongs on another silo than before,
/// because one died, left or joined, or is gone; and soon where a subscription was not confirmed.
/// </summary>
internal sealed class WatchRenewal(ActorSilos silos, ActorServer server, ActorFeeds feeds, Outboxes outboxes, IOptions<ActorOptions> options, TimeProvider clock)
    : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var renewed = clock.GetTimestamp();
        while (true)
        {
            var (owners, changed) = silos.Owners.Read();
            var (lapsed, unconfirmed) = (feeds.Lapsed, feeds.Unconfirmed);
            outboxes.Keep(owners.Silos);
            await server.WatchAsync(feeds.All.Where(feed => feed.WatchedAt is null || !feed.WatchedAt.Equals(owners.Of(feed.Subscription.Channel))));
            if (clock.GetElapsedTime(renewed) >= options.Value.RenewEvery)
            {
                renewed = clock.GetTimestamp();
                await server.WatchAsync(feeds.All);
            }

            var pause = feeds.All.Any(feed => feed.WatchedAt is null) ? AfterFailure : options.Value.RenewEvery - clock.GetElapsedTime(renewed);
            await Task.WhenAny(changed, lapsed, unconfirmed, Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, clock, stoppingToken));
            if (unconfirmed.IsCompleted)
            {
                await Task.WhenAny(changed, lapsed, Task.Delay(AfterFailure, clock, stoppingToken)); // not with each connect while it fails
            }

            stoppingToken.ThrowIfCancellationRequested();
        }
    }
}
