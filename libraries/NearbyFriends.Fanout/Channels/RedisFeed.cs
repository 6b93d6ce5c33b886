using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>A subscription at a Redis server or cluster; while that is unavailable the connection remembers it, and makes it again.</summary>
public sealed class RedisFeed : IFeed
{
    private readonly ISubscriber _subscriber;
    private readonly ChannelMessageQueue _queue;

    /// <summary>Sends SUBSCRIBE, or SSUBSCRIBE for a sharded channel.</summary>
    public RedisFeed(IConnectionMultiplexer server, RedisChannel channel, FrameHandler handler)
    {
        _subscriber = server.GetSubscriber();
        _queue = _subscriber.Subscribe(channel, CommandFlags.FireAndForget);
        _queue.OnMessage(message => handler(((ReadOnlyMemory<byte>)message.Message).Span));
    }

    public bool IsSubscribed => _subscriber.SubscribedEndpoint(_queue.Channel) is not null;

    /// <summary>Whether nobody awaits it any more.</summary>
    public bool IsClosed { get; private set; }

    public void Close()
    {
        IsClosed = true;
        _queue.Unsubscribe(CommandFlags.FireAndForget);
    }
}
