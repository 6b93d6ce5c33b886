using System.Diagnostics;
using NearbyFriends.Core.Fanout;
using NearbyFriends.Core.Locations;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>
/// Applies what a frame says to the sessions that watch its users: one look-up an entry, one distance a watcher.
/// </summary>
/// <remarks>
/// The same method takes the updates of this gateway's own clients, at once and without the way over a pub/sub server;
/// when they come back in a frame they are duplicates by (user, time) and fall out after the look-up.
/// </remarks>
public sealed class FrameReceiver(WatchIndex index, PresenceWheel presence, FriendChanges friendChanges, TimeProvider clock)
{
    [ThreadStatic]
    private static List<Watcher>? _watchers;

    /// <summary>Takes the bytes of a frame; what is no frame is counted and dropped.</summary>
    public void Receive(ReadOnlySpan<byte> frame)
    {
        if (!FrameReader.TryOpen(frame, out var reader))
        {
            FanoutTelemetry.FramesMalformed.Add(1);
            return;
        }

        while (reader.TryRead(out var entry, out var trace))
        {
            Apply(entry, trace);
        }
    }

    /// <summary>Takes one entry.</summary>
    public void Apply(in FrameEntry entry, ActivityContext trace)
    {
        var watchers = _watchers ??= [];
        if (index.Collect(entry.UserId, watchers) is not { } location)
        {
            return; // nobody here watches this user
        }

        switch (entry.Kind)
        {
            case FrameEntryKind.Location:
                Move(entry, location, watchers, trace);
                break;
            case FrameEntryKind.Sharing:
                SwitchSharing(entry, location, watchers);
                break;
            case FrameEntryKind.ProfileChanged:
                location.DisplayName = null;
                friendChanges.Apply(entry, watchers);
                break;
            case FrameEntryKind.FriendAdded or FrameEntryKind.FriendRemoved or FrameEntryKind.UserDeleted:
                friendChanges.Apply(entry, watchers);
                break;
            default:
                break; // a newer version's; its own means (version comparison) make up for it
        }
    }

    private void Move(in FrameEntry entry, FriendLocation location, List<Watcher> watchers, ActivityContext trace)
    {
        if (!location.TryMove(entry.Version, entry.Location, entry.ReceivedAt))
        {
            return;
        }

        // A span of its own only where the update is traced: its parent is the receipt, here or on another gateway.
        using var activity = trace == default
            ? null
            : SessionTelemetry.Activities.StartActivity("deliver to watchers", ActivityKind.Consumer, trace);
        var state = location.Read();
        if (state.HasLocation)
        {
            presence.Track(location, state);
        }

        var delivered = 0;
        var filtered = 0;
        foreach (var watcher in watchers)
        {
            if (watcher.Friend == Session.Self)
            {
                watcher.Session.OwnMoved();
            }
            else if (watcher.Session.FriendChanged(watcher.Friend, location))
            {
                delivered++;
            }
            else
            {
                filtered++;
            }
        }

        SessionTelemetry.Deliveries.Add(delivered);
        SessionTelemetry.Filtered.Add(filtered);
        if (entry.ReceivedAt > 0)
        {
            SessionTelemetry.FanoutLatency.Record(Math.Max(0, clock.UnixMicroseconds() - entry.ReceivedAt) / 1e6, SessionTelemetry.ToOutbox);
        }

        activity?.SetTag("nearbyfriends.delivered", delivered).SetTag("nearbyfriends.filtered", filtered);
    }

    private static void SwitchSharing(in FrameEntry entry, FriendLocation location, List<Watcher> watchers)
    {
        if (!location.TrySwitchSharing(entry.Version, entry.Flag))
        {
            return;
        }

        foreach (var watcher in watchers)
        {
            if (watcher.Friend == Session.Self)
            {
                watcher.Session.OwnSharingSwitched(entry.Flag);
            }
            else
            {
                watcher.Session.FriendChanged(watcher.Friend, location);
            }
        }
    }
}
