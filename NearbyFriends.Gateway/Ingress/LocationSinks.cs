using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.History;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>Current locations, to the sessions of this gateway that watch their users.</summary>
public sealed class LocalWatchers(WatchIndex index, Deliveries deliveries, WatchedSharing sharing) : ILocationSink
{
    public void Take(ReadOnlySpan<TakenUpdate> updates)
    {
        var tally = default(DeliveryTally);
        foreach (ref readonly var taken in updates)
        {
            if (taken.IsCurrent && index.Find(taken.Update.UserId) is { } location)
            {
                var update = taken.Update;
                if (update.SharingUntil != 0)
                {
                    sharing.Switch(location, update.SharingVersion, sharing: true, update.SharingUntil);
                }

                deliveries.Move(
                    location, update.SharingVersion, update.Location, update.Accuracy, update.ReceivedAt, taken.Trace, ref tally);
            }
        }

        deliveries.Report(tally);
    }
}

/// <summary>Current locations, to the other gateways: in a frame for each channel.</summary>
public sealed class FrameSink(FanoutPublisher publisher) : ILocationSink
{
    private readonly FrameBatch _frames = publisher.NewBatch();

    public void Take(ReadOnlySpan<TakenUpdate> updates)
    {
        foreach (ref readonly var taken in updates)
        {
            if (taken.IsCurrent)
            {
                var update = taken.Update;
                if (update.SharingUntil != 0)
                {
                    // Ahead of the location, for gateways that have not heard of this user since the end was set.
                    var end = new Change(update.UserId, ChangeKind.SharingEndChanged, update.SharingVersion, 0, default, update.SharingUntil);
                    _frames.Add(FrameEntry.Of(end), default);
                }

                _frames.Add(FrameEntry.Moved(update.UserId, update.SharingVersion, update.Location, update.ReceivedAt, update.Accuracy), taken.Trace);
            }
        }

        _frames.Send();
    }
}

/// <summary>Every location, to the history.</summary>
public sealed class HistorySink(HistoryAppender history) : ILocationSink
{
    public void Take(ReadOnlySpan<TakenUpdate> updates)
    {
        foreach (ref readonly var taken in updates)
        {
            var update = taken.Update;
            history.Append(new(update.UserId, update.Location, update.AccuracyMetres, update.ReceivedAt / 1000));
        }
    }
}
