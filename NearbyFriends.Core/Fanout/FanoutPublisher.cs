using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NearbyFriends.Core.Locations;
using StackExchange.Redis;

namespace NearbyFriends.Core.Fanout;

/// <summary>Puts entries into the frame of their user's channel and sends the frames.</summary>
/// <remarks>
/// A frame leaves when it has <see cref="Frame.MaxEntries"/> entries or after <see cref="FanoutOptions.FrameWindow"/>;
/// one tick sends the frames of all partitions of a server in one go. Under <see cref="ChannelScheme.PerUser"/> there
/// is nobody to share a frame with, so each entry leaves at once. A frame whose server is away is lost and counted:
/// it would be stale when the server returned, and the next update of its users replaces it.
/// </remarks>
public sealed class FanoutPublisher : BackgroundService
{
    private readonly PubSubServers _servers;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _window;
    private readonly FrameBuilder[] _builders;
    private readonly (IConnectionMultiplexer Connection, int[] Slots)[] _slotsByServer;

    public FanoutPublisher(PubSubServers servers, IOptions<FanoutOptions> options, TimeProvider clock)
    {
        _servers = servers;
        _clock = clock;
        _window = options.Value.FrameWindow;
        _builders = servers.Scheme.IsPartitioned
            ? Enumerable.Range(0, servers.Scheme.SlotCount).Select(_ => new FrameBuilder()).ToArray()
            : [];
        _slotsByServer = Enumerable.Range(0, _builders.Length)
            .GroupBy(servers.NameOf, (name, slots) => (servers.Connection(name), slots.ToArray()), StringComparer.Ordinal)
            .ToArray();
    }

    /// <summary>Queues <paramref name="entry"/> for the next frame of its user's channel; never waits, never throws.</summary>
    /// <param name="entry">What to tell the watchers of its user.</param>
    /// <param name="trace">The trace that the watchers' deliveries continue; default for an unsampled update.</param>
    public void Publish(in FrameEntry entry, ActivityContext trace = default)
    {
        var slot = _servers.Scheme.SlotOf(entry.UserId);
        if (!_servers.Scheme.IsPartitioned)
        {
            var single = new FrameBuilder();
            single.Add(entry, trace);
            Send(_servers.ConnectionOf(slot), ChannelScheme.UserChannel(entry.UserId), single.Take(_clock.UnixMicroseconds()), 1);
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
            Send(_servers.ConnectionOf(slot), _servers.Scheme.Partition(slot), full, Frame.MaxEntries);
        }
    }

    /// <summary>Sends every frame that has an entry.</summary>
    public void Flush()
    {
        foreach (var (connection, slots) in _slotsByServer)
        {
            foreach (var slot in slots)
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

                Send(connection, _servers.Scheme.Partition(slot), frame, entries);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tick = new PeriodicTimer(_window, _clock);
        try
        {
            while (await tick.WaitForNextTickAsync(stoppingToken))
            {
                Flush();
            }
        }
        catch (OperationCanceledException)
        {
            Flush(); // what was queued before the stop still leaves
        }
    }

    private static void Send(IConnectionMultiplexer connection, RedisChannel channel, byte[] frame, int entries)
    {
        try
        {
            if (connection.IsConnected)
            {
                _ = connection.GetSubscriber().PublishAsync(channel, frame, CommandFlags.FireAndForget);
                FanoutTelemetry.FramesPublished.Add(1);
                FanoutTelemetry.EntriesPublished.Add(entries);
                return;
            }
        }
        catch (Exception e) when (e is RedisException or ObjectDisposedException)
        {
            // counted below: the connection went away between the look and the call
        }

        FanoutTelemetry.FramesLost.Add(1);
    }
}
