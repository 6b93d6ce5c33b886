using System.Collections.Concurrent;
using NearbyFriends.Fanout.Channels;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>The channels that this gateway watches.</summary>
internal sealed class ActorFeeds
{
    private readonly ConcurrentDictionary<string, ActorFeed> _feeds = new(StringComparer.Ordinal);

    public IEnumerable<ActorFeed> All => _feeds.Select(feed => feed.Value);

    public void Add(ActorFeed feed) => _feeds[feed.Subscription.Channel] = feed;

    public void Remove(ActorFeed feed) => _feeds.TryRemove(new(feed.Subscription.Channel, feed));

    /// <summary>A frame from a channel's actor; of a channel that is no longer watched it is dropped.</summary>
    public void Receive(string channel, byte[] frame)
    {
        if (_feeds.TryGetValue(channel, out var feed))
        {
            feed.Handler(frame);
        }
    }
}

/// <summary>A subscription of this gateway to a channel.</summary>
internal sealed class ActorFeed(Subscription subscription, FrameHandler handler, Action<ActorFeed> close) : IFeed
{
    public Subscription Subscription { get; } = subscription;

    public FrameHandler Handler { get; } = handler;

    /// <summary>The silo on which the channel's actor has taken the subscription; null before.</summary>
    public SiloAddress? WatchedAt { get; set; }

    public bool IsSubscribed => WatchedAt is not null;

    public void Close() => close(this);
}
