using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Frames;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>Puts entries into the frame of their user's channel and sends the frames.</summary>
/// <remarks>
/// A frame leaves when it has <see cref="Frame.MaxEntries"/> entries or after <see cref="FanoutOptions.FrameWindow"/>;
/// one tick sends the frames of all partitions in one go. Under <see cref="ChannelScheme.PerUser"/> there is nobody to
/// share a frame with, so each entry leaves at once. A frame whose server is away is lost and counted: it would be stale
/// when the server returned, and the next update of its users replaces it.
/// </remarks>
public sealed class FanoutPublisher : BackgroundService
{
    private readonly IFanoutRoutes _routes;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _window;
    private readonly FrameBuilder[] _builders;
    private Action _everyWindow = static () => { };

    public FanoutPublisher(IFanoutRoutes routes, IOptions<FanoutOptions> options, TimeProvider clock)
    {
        _routes = routes;
        _clock = clock;
        _window = options.Value.FrameWindow;
        _builders = routes.Scheme.IsPartitioned
            ? Enumerable.Range(0, routes.Scheme.SlotCount).Select(_ => new FrameBuilder()).ToArray()
            : [];
    }

    /// <summary>Queues <paramref name="entry"/> for the next frame of its user's channel; never waits, never throws.</summary>
    /// <param name="entry">What to tell the watchers of its user.</param>
    /// <param name="trace">The trace that the watchers' deliveries continue; default for an unsampled update.</param>
    public void Publish(in FrameEntry entry, ActivityContext trace = default)
    {
        var slot = _routes.Scheme.SlotOf(entry.UserId);
        if (!_routes.Scheme.IsPartitioned)
        {
            var single = new FrameBuilder();
            single.Add(entry, trace);
            Send(slot, _routes.Scheme.ChannelOf(entry.UserId), single.Take(_clock.UnixMicroseconds()), 1);
            return;
        }

        var builder = _builders[slot];
        byte[]? full = null;
        lock (builder)
        {
            builder.Add(entry, trace);
            if (builder.IsFull)
            {
                full = builder.Take(_clock.UnixMicroseconds());
            }
        }

        if (full is not null)
        {
            Send(slot, _routes.Scheme.Partition(slot), full, Frame.MaxEntries);
        }
    }

    /// <summary>
    /// Sends a frame of this one entry at once; false when no server of its channel can take it now. That it took it does not
    /// mean that anybody received it.
    /// </summary>
    public bool TrySend(in FrameEntry entry)
    {
        var frame = new FrameBuilder();
        frame.Add(entry, default);
        return Send(_routes.Scheme.SlotOf(entry.UserId), _routes.Scheme.ChannelOf(entry.UserId), frame.Take(_clock.UnixMicroseconds()), 1);
    }

    /// <summary>
    /// Calls <paramref name="action"/> once in each window, before the frames leave: what else is gathered for as long needs no
    /// timer of its own. It must neither wait nor throw.
    /// </summary>
    public void EveryWindow(Action action) => _everyWindow += action;

    /// <summary>Sends every frame that has an entry.</summary>
    public void Flush()
    {
        for (var slot = 0; slot < _builders.Length; slot++)
        {
            var builder = _builders[slot];
            byte[] frame;
            int entries;
            lock (builder)
            {
                if (builder.Count == 0)
                {
                    continue;
                }

                entries = builder.Count;
                frame = builder.Take(_clock.UnixMicroseconds());
            }

            Send(slot, _routes.Scheme.Partition(slot), frame, entries);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tick = new PeriodicTimer(_window, _clock);
        try
        {
            while (await tick.WaitForNextTickAsync(stoppingToken))
            {
                _everyWindow();
                Flush();
            }
        }
        catch (OperationCanceledException)
        {
            Flush(); // what was queued before the stop still leaves
        }
    }

    private bool Send(int slot, RedisChannel channel, byte[] frame, int entries)
    {
        RouteTable table;
        do
        {
            table = _routes.Current;
        }
        while (!table.TryBeginSend());

        var sent = false;
        try
        {
            foreach (var server in table[slot].PublishTo)
            {
                sent |= TrySend(server, channel, frame);
            }
        }
        finally
        {
            table.EndSend();
        }

        (sent ? FanoutTelemetry.FramesPublished : FanoutTelemetry.FramesLost).Add(1);
        if (sent)
        {
            FanoutTelemetry.EntriesPublished.Add(entries);
        }

        return sent;
    }

    private bool TrySend(IConnectionMultiplexer server, RedisChannel channel, byte[] frame)
    {
        try
        {
            if (server.IsConnected)
            {
                _ = _routes.Scheme.IsSharded
                    ? SendToNodeAsync(server, channel, frame)
                    : server.GetSubscriber().PublishAsync(channel, frame, CommandFlags.FireAndForget);
                return true;
            }
        }
        catch (Exception e) when (e is RedisException or ObjectDisposedException)
        {
            // counted as lost: the connection went away between the look and the call
        }

        return false;
    }

    // The connection to a cluster is there while any node is: only the answer tells that the channel's own node is away.
    private async Task SendToNodeAsync(IConnectionMultiplexer cluster, RedisChannel channel, byte[] frame)
    {
        try
        {
            await cluster.GetSubscriber().PublishAsync(channel, frame);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            FanoutTelemetry.FramesLost.Add(1);
            _routes.ReportTrouble();
        }
    }
}
