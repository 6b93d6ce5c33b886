using System.Diagnostics;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Telemetry;

namespace NearbyFriends.Gateway.Watching;

/// <summary>
/// Delivers the locations of watched users to the sessions that watch them: those of this gateway's own clients, of frames, and of
/// the cache. One that comes twice, late, or from a user who hid is refused.
/// </summary>
public sealed class Deliveries(PresenceWheel presence, RecentlyHidden hidden, LiveFigures figures, TimeProvider clock)
{
    /// <summary>Takes a location if it is newer than what is known and its user did not hide since, and tells all watchers.</summary>
    /// <param name="location">Of the user; looked up before this call, so that whoever hides meanwhile finds it too.</param>
    /// <param name="sharingVersion">The user's sharing version when it was received.</param>
    /// <param name="moved">Where the user is now.</param>
    /// <param name="accuracy">Of that location.</param>
    /// <param name="receivedAt">Unix microseconds UTC; 0 when not measured.</param>
    /// <param name="trace">The trace that the delivery continues; default for an unsampled update.</param>
    /// <param name="tally">Counts what came of it.</param>
    public void Move(
        FriendLocation location, long sharingVersion, in Location moved, Accuracy accuracy, long receivedAt, in ActivityContext trace,
        ref DeliveryTally tally)
    {
        if (hidden.IsHidden(location.UserId, sharingVersion) || !location.TryMove(sharingVersion, moved, receivedAt, accuracy))
        {
            return;
        }

        // A span of its own only where the update is traced: its parent is the receipt, here or on another gateway.
        using var activity = trace == default
            ? null
            : GatewayTelemetry.Activities.StartActivity(GatewayTelemetry.Delivery, ActivityKind.Consumer, trace);
        presence.Track(location, moved.Time);
        var delivered = 0;
        var filtered = 0;
        foreach (var (session, friend) in location.Watchers)
        {
            if (friend == Watcher.Self)
            {
                session.OwnMoved();
            }
            else if (session.FriendMoved(friend, location, moved))
            {
                delivered++;
            }
            else
            {
                filtered++;
            }
        }

        tally.Add(receivedAt, delivered, filtered);
        activity?.SetTag("nearbyfriends.delivered", delivered).SetTag("nearbyfriends.filtered", filtered);
    }

    /// <summary>Measures what a frame, or a batch, came to: an instrument costs as much as a distance, so it is not told of each update.</summary>
    public void Report(in DeliveryTally tally)
    {
        if (tally.Delivered + tally.Filtered == 0)
        {
            return;
        }

        figures.Delivered(tally.Delivered);
        GatewayTelemetry.Deliveries.Add(tally.Delivered);
        GatewayTelemetry.Filtered.Add(tally.Filtered);
        if (tally.OldestReceivedAt > 0)
        {
            var seconds = Math.Max(0, clock.UnixMicroseconds() - tally.OldestReceivedAt) / 1e6;
            GatewayTelemetry.FanoutLatency.Record(seconds, GatewayTelemetry.ToOutbox);
            figures.Queued(seconds);
        }
    }
}

/// <summary>What became of several updates.</summary>
public struct DeliveryTally
{
    /// <summary>Watchers who have the friend on their list.</summary>
    public int Delivered { get; private set; }

    /// <summary>Watchers who are too far away.</summary>
    public int Filtered { get; private set; }

    /// <summary>Unix microseconds UTC; 0 when none was measured.</summary>
    public long OldestReceivedAt { get; private set; }

    internal void Add(long receivedAt, int delivered, int filtered)
    {
        Delivered += delivered;
        Filtered += filtered;
        if (receivedAt > 0 && (OldestReceivedAt == 0 || receivedAt < OldestReceivedAt))
        {
            OldestReceivedAt = receivedAt;
        }
    }
}
