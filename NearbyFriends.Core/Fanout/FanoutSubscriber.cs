using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace NearbyFriends.Core.Fanout;

/// <summary>Receives the bytes of a frame; called in order for a channel, at the same time for different channels.</summary>
public delegate void FrameHandler(ReadOnlySpan<byte> frame);

/// <summary>Keeps this process subscribed to the channels of the users that it watches, and to no other.</summary>
/// <remarks>
/// Subscriptions are counted: the first watched user of a channel subscribes, the last one unsubscribes. While a
/// server is away its subscriptions are remembered by the connection and made again when it returns.
/// </remarks>
public sealed partial class FanoutSubscriber(PubSubServers servers, ILogger<FanoutSubscriber> logger)
{
    private readonly Dictionary<RedisChannel, Subscription> _subscriptions = [];
    private readonly Lock _gate = new();
    private FrameHandler _handler = static _ => { };

    /// <summary>Channels subscribed to.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _subscriptions.Count;
            }
        }
    }

    /// <summary>Sets who receives the frames; called once, before the first <see cref="WatchAsync"/>.</summary>
    public void OnFrame(FrameHandler handler) => _handler = handler;

    /// <summary>
    /// Counts one more watcher of each of these users; when the task ends, frames of all their channels arrive. A
    /// server that is away delays nobody: its channels follow when it returns.
    /// </summary>
    public async Task WatchAsync(IReadOnlyCollection<long> userIds)
    {
        List<Task>? pending = null;
        lock (_gate)
        {
            List<Subscription>? added = null;
            foreach (var userId in userIds)
            {
                var subscription = Acquire(userId, ref added);
                if (!subscription.Confirmed.IsCompleted && pending?.Contains(subscription.Confirmed) != true)
                {
                    (pending ??= []).Add(subscription.Confirmed);
                }
            }

            if (added is not null)
            {
                pending ??= [];
                pending.AddRange(Confirm(added));
            }
        }

        if (pending is not null)
        {
            await Task.WhenAll(pending);
        }
    }

    /// <summary>Takes back one watcher of each of these users.</summary>
    public void Unwatch(IReadOnlyCollection<long> userIds)
    {
        lock (_gate)
        {
            foreach (var userId in userIds)
            {
                var channel = ChannelOf(userId);
                if (_subscriptions.TryGetValue(channel, out var subscription) && --subscription.Watchers == 0)
                {
                    _subscriptions.Remove(channel);
                    subscription.Queue.Unsubscribe(CommandFlags.FireAndForget);
                }
            }
        }
    }

    private Subscription Acquire(long userId, ref List<Subscription>? added)
    {
        var channel = ChannelOf(userId);
        if (_subscriptions.TryGetValue(channel, out var subscription))
        {
            subscription.Watchers++;
            return subscription;
        }

        var connection = servers.ConnectionOf(servers.Scheme.SlotOf(userId));
        subscription = new Subscription(connection, connection.GetSubscriber().Subscribe(channel, CommandFlags.FireAndForget)) { Watchers = 1 };
        subscription.Queue.OnMessage(message => Receive(message.Message));
        _subscriptions.Add(channel, subscription);
        (added ??= []).Add(subscription);
        return subscription;
    }

    /// <summary>
    /// A ping behind the SUBSCRIBE commands on the same connection: when it is answered, they have been carried out.
    /// One round trip per server, however many channels are new.
    /// </summary>
    private IEnumerable<Task> Confirm(List<Subscription> added)
    {
        foreach (var group in added.GroupBy(s => s.Connection))
        {
            var confirmed = PingAsync(group.Key, group.Count());
            foreach (var subscription in group)
            {
                subscription.Confirmed = confirmed;
            }

            yield return confirmed;
        }
    }

    private async Task PingAsync(IConnectionMultiplexer connection, int channels)
    {
        try
        {
            await connection.GetSubscriber().PingAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            FanoutTelemetry.SubscriptionsFailed.Add(channels);
            LogNotConfirmed(e.Message);
        }
    }

    private void Receive(RedisValue message)
    {
        FanoutTelemetry.FramesReceived.Add(1);
        _handler(((ReadOnlyMemory<byte>)message).Span);
    }

    private RedisChannel ChannelOf(long userId) =>
        servers.Scheme.IsPartitioned ? servers.Scheme.Partition(servers.Scheme.SlotOf(userId)) : ChannelScheme.UserChannel(userId);

    [LoggerMessage(LogLevel.Warning, "A pub/sub server did not confirm subscriptions; they follow when it returns: {Reason}")]
    private partial void LogNotConfirmed(string reason);

    private sealed class Subscription(IConnectionMultiplexer connection, ChannelMessageQueue queue)
    {
        public IConnectionMultiplexer Connection { get; } = connection;

        public ChannelMessageQueue Queue { get; } = queue;

        public Task Confirmed { get; set; } = Task.CompletedTask;

        public int Watchers { get; set; }
    }
}
