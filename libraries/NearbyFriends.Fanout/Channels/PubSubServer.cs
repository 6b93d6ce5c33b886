using Microsoft.Extensions.Logging;
using NearbyFriends.Core;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>One Redis server, by PUBLISH and SUBSCRIBE.</summary>
public sealed partial class PubSubServer(IConnectionMultiplexer connection, TimeProvider clock, ILogger<PubSubServer> logger) : IChannelServer
{
    private readonly LogThrottle _unconfirmed = new(clock);

    /// <summary>The connection; it is there also while the server is unavailable.</summary>
    public IConnectionMultiplexer Connection => connection;

    public string Address => connection.GetEndPoints()[0].ToString()!;

    public bool TrySend(RedisChannel channel, byte[] frame)
    {
        try
        {
            if (connection.IsConnected)
            {
                _ = connection.GetSubscriber().PublishAsync(channel, frame, CommandFlags.FireAndForget);
                return true;
            }
        }
        catch (Exception e) when (e is RedisException or ObjectDisposedException)
        {
            // counted as lost: the connection went away between the look and the call
        }

        return false;
    }

    public IFeed Subscribe(RedisChannel channel, FrameHandler handler) => new RedisFeed(connection, channel, handler);

    /// <summary>
    /// A ping behind the SUBSCRIBE commands on the same connection: when it is answered, they have been carried out. One round
    /// trip, however many channels are new.
    /// </summary>
    public async Task ConfirmAsync(IReadOnlyCollection<IFeed> feeds)
    {
        try
        {
            await connection.GetSubscriber().PingAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            FanoutTelemetry.SubscriptionsFailed.Add(feeds.Count);
            if (_unconfirmed.Add() is > 0 and var count)
            {
                LogNotConfirmed(count, e.Message);
            }
        }
    }

    [LoggerMessage(
        LogLevel.Warning, "A pub/sub server did not confirm subscriptions ({Count} times since the last such line); they follow when it returns: {Reason}")]
    private partial void LogNotConfirmed(int count, string reason);
}
