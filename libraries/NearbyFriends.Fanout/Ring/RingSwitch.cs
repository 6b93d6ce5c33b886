using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Ring;

/// <summary>Changes this process's routes from one ring to the next without losing a frame.</summary>
/// <remarks>
/// <para>
/// Pending: a moving channel is subscribed to at both owners, and frames go to both. A process is ready when its new
/// owners have carried out its SUBSCRIBE commands, no send uses the old routes, and the old owners have carried out
/// every PUBLISH that was sent to them alone. When all are ready, each frame reaches every subscriber through the new owner.
/// </para>
/// <para>
/// In force: frames go to the new owner alone. A process that does not know this yet publishes to both, so the old
/// subscriptions can end. They end one frame window later, after the old owner has answered a ping on the same connection:
/// all that it sent before arrives before the answer.
/// </para>
/// <para>
/// What arrives twice is dropped by (user, time) or by version. A pending ring that is replaced by another needs no special
/// handling: its new owners were never the only source of any subscriber.
/// </para>
/// </remarks>
public sealed partial class RingSwitch
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly RingRoutes _routes;
    private readonly FanoutSubscriber _subscriber;
    private readonly PubSubServers _servers;
    private readonly RingState _state;
    private readonly TimeSpan _window;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private RouteTable _ready;
    private RouteTable? _finished;

    public RingSwitch(
        RingRoutes routes, FanoutSubscriber subscriber, PubSubServers servers, RingState state, IOptions<FanoutOptions> options, TimeProvider clock,
        ILogger<RingSwitch> logger)
    {
        _routes = routes;
        _subscriber = subscriber;
        _servers = servers;
        _state = state;
        _window = options.Value.FrameWindow;
        _clock = clock;
        _logger = logger;
        _ready = routes.Current;
    }

    /// <summary>
    /// Publishes and subscribes according to <paramref name="record"/>, and keeps the subscriptions of before; completes when
    /// this process is ready.
    /// </summary>
    /// <param name="record">The ring, with what is pending.</param>
    /// <param name="cancellationToken">Abandons the attempt; one for a later record follows.</param>
    public async Task GetReadyAsync(RingRecord record, CancellationToken cancellationToken)
    {
        var next = TableOf(record);
        await HoldUntilConfiguredAsync(record, cancellationToken);
        var both = Merge(next, _ready);
        await _routes.SwitchToAsync(both);
        await _subscriber.FollowRoutesAsync(_ready, cancellationToken);
        await Task.WhenAll(LeftAlone(_ready, both).Cast<PubSubServer>().Select(server => PingAsync(server.Connection.GetDatabase())));
        _ready = both;
        _finished = next;
    }

    /// <summary>Ends the subscriptions that the ring no longer needs.</summary>
    public async Task FinishAsync()
    {
        if (_finished is not { } next)
        {
            return;
        }

        _finished = null;
        var leaving = Enumerable.Range(0, next.SlotCount)
            .SelectMany(slot => _ready[slot].SubscribeAt.Except(next[slot].SubscribeAt))
            .Distinct()
            .ToList();
        if (leaving.Count == 0)
        {
            return;
        }

        await Task.Delay(_window, _clock);
        await Task.WhenAll(leaving.Cast<PubSubServer>().Select(server => PingAsync(server.Connection.GetSubscriber())));
        await _routes.SwitchToAsync(next);
        _ready = next;
        await _subscriber.FollowRoutesAsync(next, CancellationToken.None);
    }

    /// <summary>
    /// Without a connection string for a server of the pending ring this process cannot subscribe there, so it never becomes
    /// ready.
    /// </summary>
    private async Task HoldUntilConfiguredAsync(RingRecord record, CancellationToken cancellationToken)
    {
        _state.Unconfigured = [.. record.Target.Servers.Union(record.Layout.Servers).Where(name => !_servers.IsConfigured(name))];
        if (_state.Unconfigured.Count == 0)
        {
            return;
        }

        LogUnconfigured(string.Join(", ", _state.Unconfigured));
        if (record.Pending is not null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    private RouteTable TableOf(RingRecord record)
    {
        var slots = _routes.Scheme.SlotCount;
        var now = record.Layout.Place(slots);
        var pending = record.Pending?.Layout.Place(slots) ?? now;
        var routes = new Dictionary<(string, string), Route>();
        return new([.. Enumerable.Range(0, slots).Select(slot => RouteOf(now.ServerOf(slot), pending.ServerOf(slot)))]);

        Route RouteOf(string owner, string next)
        {
            if (!routes.TryGetValue((owner, next), out var route))
            {
                var servers = new[] { owner, next }.Distinct(StringComparer.Ordinal).Where(_servers.IsConfigured).Select(IChannelServer (name) => _servers.Server(name)).ToImmutableArray();
                routes.Add((owner, next), route = new Route(servers, servers));
            }

            return route;
        }
    }

    private static RouteTable Merge(RouteTable next, RouteTable before) => new(
    [
        .. Enumerable.Range(0, next.SlotCount).Select(slot => next[slot] with
        {
            SubscribeAt = [.. next[slot].SubscribeAt.Union(before[slot].SubscribeAt)],
        }),
    ]);

    /// <summary>The servers that published a slot alone, and do so no longer.</summary>
    private static IEnumerable<IChannelServer> LeftAlone(RouteTable before, RouteTable now) => Enumerable.Range(0, now.SlotCount)
        .Where(slot => now[slot].PublishTo.Except(before[slot].PublishTo).Any())
        .SelectMany(slot => before[slot].PublishTo)
        .Distinct();

    /// <summary>Waits until a server has carried out what was sent before. An unavailable server has nothing to carry out.</summary>
    private async Task PingAsync(IRedisAsync connection)
    {
        try
        {
            await connection.PingAsync().WaitAsync(Patience, _clock);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Error, "The ring has servers without a connection string here: set ConnectionStrings:{Names}.")]
    private partial void LogUnconfigured(string names);

    [LoggerMessage(LogLevel.Debug, "A server that gives up channels does not answer: {Reason}")]
    private partial void LogAway(string reason);
}
