using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>Carries channels: a pub/sub server, a Redis Cluster, or the actors of the gateways.</summary>
public interface IChannelServer
{
    /// <summary>Where it is, as traces name it.</summary>
    string Address { get; }

    /// <summary>Hands over a frame; false when it cannot take it now. Never waits.</summary>
    bool TrySend(RedisChannel channel, byte[] frame);

    /// <summary>Asks for the frames of a channel, in order; they are certain to arrive once <see cref="ConfirmAsync"/> has ended.</summary>
    IFeed Subscribe(RedisChannel channel, FrameHandler handler);

    /// <summary>
    /// Ends when the server has carried out these subscriptions, or has not answered in time: they follow when it returns.
    /// </summary>
    Task ConfirmAsync(IReadOnlyCollection<IFeed> feeds);
}

/// <summary>A subscription to one channel at one server.</summary>
public interface IFeed
{
    /// <summary>Whether the server has carried out the subscription; it may do so long after it was asked.</summary>
    bool IsSubscribed { get; }

    /// <summary>Ends the subscription.</summary>
    void Close();
}

/// <summary>Receives the bytes of a frame; called in order for a channel, at the same time for different channels.</summary>
public delegate void FrameHandler(ReadOnlySpan<byte> frame);
