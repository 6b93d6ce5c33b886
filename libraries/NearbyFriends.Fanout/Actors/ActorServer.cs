using Microsoft.Extensions.Logging;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using Orleans.Runtime;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Actors;

/// <summary>The actors of all gateways, as a server that carries channels.</summary>
internal sealed partial class ActorServer(
    ActorSilos silos, ActorPostClient posts, Outboxes outboxes, ActorFeeds ownFeeds, TimeProvider clock, ILogger<ActorServer> logger) : IChannelServer
{
    private const int SubscriptionsPerMessage = 500;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);

    private readonly LogThrottle _unconfirmed = new(clock);
    private long _lastSubscription;

    public string Address => silos.Local.ToParsableString();

    public bool TrySend(RedisChannel channel, byte[] frame)
    {
        var name = channel.ToString();
        if (silos.OwnerOf(name) is not { } owner)
        {
            return false;
        }

        outboxes.Publish(owner, name, frame);
        return true;
    }

    public IFeed Subscribe(RedisChannel channel, FrameHandler handler)
    {
        var feed = new ActorFeed(new(channel.ToString(), Interlocked.Increment(ref _lastSubscription)), handler, Close);
        ownFeeds.Add(feed);
        return feed;
    }

    public async Task ConfirmAsync(IReadOnlyCollection<IFeed> feeds)
    {
        await WatchAsync(feeds.Cast<ActorFeed>());
        if (feeds.Any(feed => !feed.IsSubscribed))
        {
            ownFeeds.NoteUnconfirmed();
        }
    }

    /// <summary>Watches, or renews, at the silos where the channels' actors belong now; those that fail are watched by the next renewal.</summary>
    public Task WatchAsync(IEnumerable<ActorFeed> feeds) => Task.WhenAll(
        from feed in feeds
        group feed by silos.OwnerOf(feed.Subscription.Channel) into owned
        from batch in owned.Chunk(SubscriptionsPerMessage)
        select WatchAsync(owned.Key, batch));

    private async Task WatchAsync(SiloAddress? owner, ActorFeed[] batch)
    {
        try
        {
            if (owner is null)
            {
                throw new OrleansException("No silo hosts actors.");
            }

            await posts.Of(owner).WatchAsync(silos.Local, Array.ConvertAll(batch, feed => feed.Subscription)).WaitAsync(AnswersWithin);
            Array.ForEach(batch, feed => feed.WatchedAt = owner);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or ObjectDisposedException or InvalidOperationException)
        {
            FanoutTelemetry.SubscriptionsFailed.Add(batch.Length);
            Array.ForEach(batch, feed => feed.WatchedAt = null);
            if (_unconfirmed.Add() is > 0 and var count)
            {
                LogNotConfirmed(count, owner, e.Message);
            }
        }
    }

    private void Close(ActorFeed feed)
    {
        ownFeeds.Remove(feed);
        if (silos.OwnerOf(feed.Subscription.Channel) is { } owner)
        {
            outboxes.Unwatch(owner, feed.Subscription);
        }
    }

    [LoggerMessage(
        LogLevel.Warning, "Subscriptions were not confirmed ({Count} times since the last such line), the last by silo {Silo}; they are renewed in a moment: {Reason}")]
    private partial void LogNotConfirmed(int count, SiloAddress? silo, string reason);
}
