using Microsoft.Extensions.Logging;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Cluster;

/// <summary>A Redis Cluster, by SPUBLISH and SSUBSCRIBE: its library finds the node that serves a channel.</summary>
/// <param name="connection">There while any node is: only the answer tells that the channel's own node is unavailable.</param>
/// <param name="reportTrouble">Told when a node does not answer.</param>
/// <param name="clock">Tells the time.</param>
/// <param name="logger">Told of subscriptions that are not confirmed.</param>
public sealed partial class RedisClusterServer(
    IConnectionMultiplexer connection, Action reportTrouble, TimeProvider clock, ILogger<RedisClusterServer> logger) : IChannelServer
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(2);

    private readonly LogThrottle _unconfirmed = new(clock);

    public string Address => connection.GetEndPoints()[0].ToString()!;

    public bool TrySend(RedisChannel channel, byte[] frame)
    {
        if (!connection.IsConnected)
        {
            return false;
        }

        _ = SendAsync(channel, frame);
        return true;
    }

    public IFeed Subscribe(RedisChannel channel, FrameHandler handler) => new RedisFeed(connection, channel, handler);

    /// <summary>The answers themselves are awaited: a ping would go to any node.</summary>
    public async Task ConfirmAsync(IReadOnlyCollection<IFeed> feeds)
    {
        var open = feeds.Cast<RedisFeed>().ToList();
        var asked = clock.GetTimestamp();
        while (open.RemoveAll(feed => feed.IsSubscribed || feed.IsClosed) >= 0 && open.Count > 0)
        {
            if (clock.GetElapsedTime(asked) > AnswersWithin)
            {
                FanoutTelemetry.SubscriptionsFailed.Add(open.Count);
                if (_unconfirmed.Add() is > 0 and var count)
                {
                    LogNotConfirmed(count);
                }

                reportTrouble();
                return;
            }

            await Task.Delay(LookAgain, clock);
        }
    }

    private async Task SendAsync(RedisChannel channel, byte[] frame)
    {
        try
        {
            await connection.GetSubscriber().PublishAsync(channel, frame);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            FanoutTelemetry.FramesLost.Add(1);
            reportTrouble();
        }
    }

    [LoggerMessage(
        LogLevel.Warning, "A node of the Redis Cluster did not confirm subscriptions within a second ({Count} times since the last such line); they follow when it returns.")]
    private partial void LogNotConfirmed(int count);
}
