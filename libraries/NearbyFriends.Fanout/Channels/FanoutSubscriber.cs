using System.Collections.Immutable;
using NearbyFriends.Core.Geo;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>Keeps this process subscribed to the channels of the users and cells that it watches, and to no other.</summary>
/// <remarks>
/// Subscriptions are counted: the first watched user of a channel subscribes, the last one unsubscribes. While a
/// server is unavailable its subscriptions are remembered by the connection and made again when it returns. While a channel
/// moves from one server to another it is subscribed to at both.
/// </remarks>
public sealed class FanoutSubscriber(IFanoutRoutes routes, TimeProvider clock)
{
    private static readonly TimeSpan ConfirmAgain = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<RedisChannel, Subscription>?[] _slots = new Dictionary<RedisChannel, Subscription>?[routes.Scheme.SlotCount];
    private readonly Lock _gate = new();
    private FrameHandler _handler = static _ => { };
    private int _count;

    /// <summary>Channels subscribed to.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Sets who receives the frames; called once, before anybody is watched.</summary>
    public void OnFrame(FrameHandler handler) => _handler = handler;

    /// <summary>
    /// Counts one more watcher of each of these users; when the task ends, frames of all their channels arrive. A
    /// server that is unavailable delays nobody: its channels follow when it returns.
    /// </summary>
    public Task WatchAsync(IReadOnlyCollection<long> userIds) => WatchAsync(routes.Scheme.ChannelsOf(userIds));

    /// <summary>The same for a cell.</summary>
    public Task WatchAsync(Geohash cell) => WatchAsync([(routes.Scheme.SlotOf(cell), routes.Scheme.ChannelOf(cell), 1)]);

    /// <summary>Takes back one watcher of each of these users.</summary>
    public void Unwatch(IReadOnlyCollection<long> userIds) => Unwatch(routes.Scheme.ChannelsOf(userIds));

    /// <summary>Takes back one watcher of a cell.</summary>
    public void Unwatch(Geohash cell) => Unwatch([(routes.Scheme.SlotOf(cell), routes.Scheme.ChannelOf(cell), 1)]);

    /// <summary>
    /// Brings the subscriptions in line with the routes. When the task ends, every server that <paramref name="before"/>
    /// did not have for a slot has carried out the SUBSCRIBE commands of its channels; until it has, it is asked again.
    /// </summary>
    /// <param name="before">The routes of which that was known already.</param>
    /// <param name="cancellationToken">Stops the asking; the subscriptions stay.</param>
    public async Task FollowRoutesAsync(RouteTable before, CancellationToken cancellationToken)
    {
        var unconfirmed = Align(routes.Current, before);
        while (unconfirmed.Count > 0)
        {
            lock (_gate)
            {
                Confirm(unconfirmed);
            }

            await Task.WhenAll(unconfirmed.Select(feed => feed.Confirmation).Distinct()).WaitAsync(cancellationToken);
            unconfirmed.RemoveAll(feed => feed.IsSubscribed || feed.IsClosed);
            if (unconfirmed.Count > 0)
            {
                await Task.Delay(ConfirmAgain, clock, cancellationToken);
            }
        }
    }

    /// <summary>Whether every watched channel is subscribed to at a server that is there.</summary>
    public bool IsSubscribedToAll()
    {
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            lock (_gate)
            {
                if (_slots[slot]?.Values.All(subscription => subscription.Feeds.All(feed => feed.IsSubscribed)) == false)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private async Task WatchAsync(IEnumerable<(int Slot, RedisChannel Channel, int Watchers)> channels)
    {
        List<Task>? pending = null;
        lock (_gate)
        {
            List<Feed>? added = null;
            foreach (var (slot, channel, watchers) in channels)
            {
                foreach (var feed in Acquire(slot, channel, watchers, ref added).Feeds)
                {
                    if (!feed.Confirmation.IsCompleted && pending?.Contains(feed.Confirmation) != true)
                    {
                        (pending ??= []).Add(feed.Confirmation);
                    }
                }
            }

            if (added is not null)
            {
                (pending ??= []).AddRange(Confirm(added));
            }
        }

        if (pending is not null)
        {
            await Task.WhenAll(pending);
        }
    }

    private void Unwatch(IEnumerable<(int Slot, RedisChannel Channel, int Watchers)> channels)
    {
        lock (_gate)
        {
            foreach (var (slot, channel, watchers) in channels)
            {
                if (_slots[slot] is { } subscriptions && subscriptions.TryGetValue(channel, out var subscription) && (subscription.Watchers -= watchers) == 0)
                {
                    subscriptions.Remove(channel);
                    _count--;
                    subscription.Align([], Subscribe);
                }
            }
        }
    }

    /// <summary>The feeds that were not subscribed to before, and are not known to be now.</summary>
    private List<Feed> Align(RouteTable now, RouteTable before)
    {
        var unconfirmed = new List<Feed>();
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            lock (_gate) // slot by slot, so that sessions open meanwhile
            {
                foreach (var subscription in _slots[slot]?.Values ?? Enumerable.Empty<Subscription>())
                {
                    subscription.Align(now[slot].SubscribeAt, Subscribe);
                    unconfirmed.AddRange(subscription.Feeds.Where(
                        feed => !before[slot].SubscribeAt.Contains(feed.Server) && !feed.IsSubscribed));
                }
            }
        }

        return unconfirmed;
    }

    private Subscription Acquire(int slot, RedisChannel channel, int watchers, ref List<Feed>? added)
    {
        var subscriptions = _slots[slot] ??= [];
        if (subscriptions.TryGetValue(channel, out var subscription))
        {
            subscription.Watchers += watchers;
            return subscription;
        }

        subscription = new Subscription(channel) { Watchers = watchers };
        subscription.Align(routes.Current[slot].SubscribeAt, Subscribe);
        subscriptions.Add(channel, subscription);
        _count++;
        (added ??= []).AddRange(subscription.Feeds);
        return subscription;
    }

    private Feed Subscribe(IChannelServer server, RedisChannel channel) => new(server, server.Subscribe(channel, Receive));

    /// <summary>One confirmation for each server, however many channels are new.</summary>
    private static List<Task> Confirm(List<Feed> added)
    {
        var confirmations = new List<Task>();
        foreach (var group in added.GroupBy(feed => feed.Server))
        {
            var confirmed = group.Key.ConfirmAsync([.. group.Select(feed => feed.AtServer)]);
            confirmations.Add(confirmed);
            foreach (var feed in group)
            {
                feed.Confirmation = confirmed;
            }
        }

        return confirmations;
    }

    private void Receive(ReadOnlySpan<byte> frame)
    {
        FanoutTelemetry.FramesReceived.Add(1);
        _handler(frame);
    }

    /// <summary>A channel, the watched users on it, and the servers that it comes from: one, or two while it moves.</summary>
    private sealed class Subscription(RedisChannel channel)
    {
        public ImmutableArray<Feed> Feeds { get; private set; } = [];

        public int Watchers { get; set; }

        public void Align(ImmutableArray<IChannelServer> servers, Func<IChannelServer, RedisChannel, Feed> subscribe)
        {
            var before = Feeds;
            Feeds = [.. servers.Select(server => before.FirstOrDefault(feed => feed.Server == server) ?? subscribe(server, channel))];
            foreach (var feed in before)
            {
                if (!Feeds.Contains(feed))
                {
                    feed.Close();
                }
            }
        }
    }

    /// <summary>A subscription to one channel at one server.</summary>
    private sealed class Feed(IChannelServer server, IFeed feed)
    {
        public IChannelServer Server { get; } = server;

        public IFeed AtServer { get; } = feed;

        /// <summary>Ends when the server has answered, or has failed to.</summary>
        public Task Confirmation { get; set; } = Task.CompletedTask;

        public bool IsClosed { get; private set; }

        public bool IsSubscribed => AtServer.IsSubscribed;

        public void Close()
        {
            IsClosed = true;
            AtServer.Close();
        }
    }
}
