using System.Diagnostics;
using System.Runtime.CompilerServices;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Friends;
using NearbyFriends.Gateway.Operations;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Applies what a frame says to the sessions that watch its users: one look-up an entry, one distance a watcher.
/// </summary>
/// <remarks>
/// The same method takes the updates of this gateway's own clients, at once and without the way over a pub/sub server;
/// when they come back in a frame they are duplicates by (user, time) and fall out after the look-up.
/// </remarks>
public sealed class FrameReceiver(
    WatchIndex index, PresenceWheel presence, RecentlyHidden hidden, FriendChanges friendChanges, LiveFigures figures, TimeProvider clock)
{
    /// <summary>Takes the bytes of a frame; what is no frame is counted and dropped.</summary>
    public void Receive(ReadOnlySpan<byte> frame)
    {
        if (!FrameReader.TryOpen(frame, out var reader))
        {
            FanoutTelemetry.FramesMalformed.Add(1);
            return;
        }

        var locations = default(Locations);
        LookUp(reader, locations);
        var tally = default(Tally);
        for (var i = 0; reader.TryRead(out var entry, out var trace); i++)
        {
            if (locations[i] is { } location)
            {
                Apply(entry, location, trace, ref tally);
            }
        }

        Report(tally);
    }

    /// <summary>Takes one entry.</summary>
    public void Apply(in FrameEntry entry, ActivityContext trace)
    {
        if (index.Find(entry.UserId) is { } location)
        {
            var tally = default(Tally);
            Apply(entry, location, trace, ref tally);
            Report(tally);
        }
    }

    /// <summary>
    /// Looks up who is watched here, and has the processor fetch what their updates will touch. Each of them lies elsewhere
    /// in memory, so one at a time would wait for half a dozen loads in turn; a frame's at once wait together.
    /// </summary>
    private void LookUp(FrameReader reader, Span<FriendLocation?> locations)
    {
        var count = 0;
        while (reader.TryRead(out var entry, out _))
        {
            locations[count++] = index.Find(entry.UserId);
        }

        foreach (var location in locations[..count])
        {
            location?.Touch();
        }

        foreach (var location in locations[..count])
        {
            if (location?.Watchers is [var (session, friend), ..])
            {
                session.Touch(friend);
            }
        }
    }

    private void Apply(in FrameEntry entry, FriendLocation location, in ActivityContext trace, ref Tally tally)
    {
        if (entry.Kind == FrameEntryKind.Location)
        {
            Move(entry, location, trace, ref tally);
        }
        else if (entry.ToChange() is { } change)
        {
            friendChanges.Apply(change);
        }
    }

    private void Move(in FrameEntry entry, FriendLocation location, in ActivityContext trace, ref Tally tally)
    {
        if (hidden.IsHidden(entry.UserId, entry.Version) || !location.TryMove(entry.Version, entry.Location, entry.ReceivedAt))
        {
            return;
        }

        // A span of its own only where the update is traced: its parent is the receipt, here or on another gateway.
        using var activity = trace == default
            ? null
            : SessionTelemetry.Activities.StartActivity("deliver to watchers", ActivityKind.Consumer, trace);
        presence.Track(location, entry.Location.Time);
        var delivered = 0;
        var filtered = 0;
        foreach (var watcher in location.Watchers)
        {
            if (watcher.Friend == Session.Self)
            {
                watcher.Session.OwnMoved();
            }
            else if (watcher.Session.FriendMoved(watcher.Friend, location, entry.Location))
            {
                delivered++;
            }
            else
            {
                filtered++;
            }
        }

        tally.Add(entry.ReceivedAt, delivered, filtered);
        activity?.SetTag("nearbyfriends.delivered", delivered).SetTag("nearbyfriends.filtered", filtered);
    }

    private void Report(in Tally tally)
    {
        if (tally.Delivered + tally.Filtered == 0)
        {
            return;
        }

        figures.Delivered(tally.Delivered);
        SessionTelemetry.Deliveries.Add(tally.Delivered);
        SessionTelemetry.Filtered.Add(tally.Filtered);
        if (tally.OldestReceivedAt > 0)
        {
            SessionTelemetry.FanoutLatency.Record(
                Math.Max(0, clock.UnixMicroseconds() - tally.OldestReceivedAt) / 1e6, SessionTelemetry.ToOutbox);
        }
    }

    /// <summary>The locations of the users of a frame's entries; null where nobody here watches the user.</summary>
    [InlineArray(Frame.MaxEntries)]
    private struct Locations
    {
        private FriendLocation? _first;
    }

    /// <summary>What the entries of a frame came to: an instrument costs as much as a distance, so it hears of frames.</summary>
    private struct Tally
    {
        public int Delivered { get; private set; }

        public int Filtered { get; private set; }

        public long OldestReceivedAt { get; private set; }

        public void Add(long receivedAt, int delivered, int filtered)
        {
            Delivered += delivered;
            Filtered += filtered;
            if (receivedAt > 0 && (OldestReceivedAt == 0 || receivedAt < OldestReceivedAt))
            {
                OldestReceivedAt = receivedAt;
            }
        }
    }
}
