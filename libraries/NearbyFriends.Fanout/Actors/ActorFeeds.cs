using System.Collections.Concurrent;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>The channels that this gateway watches.</summary>
internal sealed class ActorFeeds
{
    private readonly ConcurrentDictionary<string, ActorFeed> _feeds = new(StringComparer.Ordinal);

    private readonly Latest<int> _lapses = new(0);
    private readonly Latest<int> _refusals = new(0);

    /// <summary>Ends when an actor of a watched channel is gone.</summary>
    public Task Lapsed => _lapses.Read().Changed;

    /// <summary>Ends when an actor did not confirm a subscription.</summary>
    public Task Unconfirmed => _refusals.Read().Changed;

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

    /// <summary>Takes it that a channel's actor is gone.</summary>
    public void Lapse(string channel)
    {
        if (_feeds.TryGetValue(channel, out var feed))
        {
            feed.WatchedAt = null;
            _lapses.Set(0);
        }
    }

    /// <summary>Takes it that an actor did not confirm a subscription.</summary>
    public void NoteUnconfirmed() => _refusals.Set(0);
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
