using System.Diagnostics;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>Sends frames to the servers of their channels.</summary>
/// <remarks>
/// Nothing waits here: who has many entries gathers them in a <see cref="FrameBatch"/>. A frame whose server is unavailable is
/// lost and counted: it would be stale when the server returned, and the next update of its users replaces it.
/// </remarks>
public sealed class FanoutPublisher(IFanoutRoutes routes, TimeProvider clock)
{
    /// <summary>
    /// Sends a frame of this one entry at once; false when no server of its channel can take it now, or no frame has room for it.
    /// That it took it does not mean that anybody received it.
    /// </summary>
    public bool TrySend(in FrameEntry entry)
    {
        var frame = new FrameBuilder();
        if (frame.TryAdd(entry, default))
        {
            return TrySend(frame, entry.UserId);
        }

        FanoutTelemetry.EntriesRefused.Add(1);
        return false;
    }

    /// <summary>Sends a frame of these entries to who watches the cell; false as above.</summary>
    /// <param name="cell">Where its watchers look for strangers.</param>
    /// <param name="entries">1 to <see cref="CellFrame.MaxEntries"/>.</param>
    public bool TrySend(Geohash cell, ReadOnlySpan<StrangerLocation> entries) =>
        Send(routes.Scheme.SlotOf(cell), routes.Scheme.ChannelOf(cell), CellFrame.Of(entries), entries.Length, []);

    /// <summary>An empty batch.</summary>
    public FrameBatch NewBatch() => new(this, routes.Scheme);

    /// <summary>Sends what was collected, and leaves the builder empty.</summary>
    /// <param name="frame">Entries of one channel.</param>
    /// <param name="userId">A user of that channel.</param>
    internal bool TrySend(FrameBuilder frame, long userId)
    {
        var entries = frame.Count;
        ActivityContext[] traces = frame.IsTraced ? [.. frame.Traces] : [];
        return Send(routes.Scheme.SlotOf(userId), routes.Scheme.ChannelOf(userId), frame.Take(clock.UnixMicroseconds()), entries, traces);
    }

    private bool Send(int slot, RedisChannel channel, byte[] frame, int entries, ActivityContext[] traces)
    {
        RouteTable table;
        do
        {
            table = routes.Current;
        }
        while (!table.TryBeginSend());

        var sent = false;
        try
        {
            foreach (var server in table[slot].PublishTo)
            {
                sent |= server.TrySend(channel, frame);
                foreach (var trace in traces)
                {
                    FanoutTelemetry.TracePublish(trace, server, channel);
                }
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
}
