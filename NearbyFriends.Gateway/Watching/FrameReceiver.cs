using System.Runtime.CompilerServices;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;

namespace NearbyFriends.Gateway.Watching;

/// <summary>
/// Reads frames: locations go to the sessions that watch their users, one look-up an entry and one distance a watcher; changes
/// of friends and sharing go to <paramref name="apply"/>, alerts to <paramref name="show"/>.
/// </summary>
/// <remarks>
/// Updates of this gateway's own clients come back in frames too. They are duplicates by (user, time), and fall out after the
/// look-up.
/// </remarks>
/// <param name="index">Who watches whom.</param>
/// <param name="deliveries">Takes the locations.</param>
/// <param name="apply">Takes the changes; never waits.</param>
/// <param name="show">Takes the alerts of watched users; never waits.</param>
public sealed class FrameReceiver(WatchIndex index, Deliveries deliveries, Action<Change> apply, Action<Alert> show)
{
    /// <summary>Takes the bytes of a frame; what is no frame, or an entry that cannot be, is counted and dropped.</summary>
    public void Receive(ReadOnlySpan<byte> frame)
    {
        if (!FrameReader.TryOpen(frame, out var reader))
        {
            FanoutTelemetry.FramesMalformed.Add(1);
            return;
        }

        var locations = default(Locations);
        LookUp(reader, locations);
        var tally = default(DeliveryTally);
        for (var i = 0; reader.TryRead(out var entry, out var trace); i++)
        {
            if (locations[i] is not { } location)
            {
                continue;
            }

            if (entry.Kind == FrameEntryKind.Location && entry.Location.IsPossible)
            {
                deliveries.Move(location, entry.Version, entry.Location, entry.Accuracy, entry.ReceivedAt, trace, ref tally);
            }
            else if (entry.ToChange() is { } change)
            {
                apply(change);
            }
            else if (entry.Kind == FrameEntryKind.Alert)
            {
                show(entry.ToAlert());
            }
            else
            {
                (Enum.IsDefined(entry.Kind) ? FanoutTelemetry.EntriesRefused : FanoutTelemetry.EntriesUnknown).Add(1);
            }
        }

        deliveries.Report(tally);
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

    /// <summary>The locations of the users of a frame's entries; null where nobody here watches the user.</summary>
    [InlineArray(Frame.MaxEntries)]
    private struct Locations
    {
        private FriendLocation? _first;
    }
}
