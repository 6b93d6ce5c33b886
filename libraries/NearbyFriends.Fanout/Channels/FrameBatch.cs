using System.Diagnostics;
using NearbyFriends.Fanout.Frames;

namespace NearbyFriends.Fanout.Channels;

/// <summary>Gathers entries into one frame for each channel, and sends the frames together. For one owner: not thread-safe.</summary>
/// <remarks>
/// A frame of <see cref="Frame.MaxEntries"/> entries leaves at once. Under <see cref="ChannelScheme.PerUser"/> there is nobody to
/// share a frame with, so each entry does.
/// </remarks>
public sealed class FrameBatch
{
    private readonly FanoutPublisher _publisher;
    private readonly ChannelScheme _scheme;
    private readonly (FrameBuilder Frame, long AnyUser)[] _frames;

    internal FrameBatch(FanoutPublisher publisher, ChannelScheme scheme)
    {
        (_publisher, _scheme) = (publisher, scheme);
        _frames = [.. Enumerable.Range(0, scheme.IsPartitioned ? scheme.SlotCount : 1).Select(_ => (new FrameBuilder(), 0L))];
    }

    /// <summary>Adds an entry to the frame of its user's channel.</summary>
    /// <param name="entry">What to tell the watchers of its user.</param>
    /// <param name="trace">The trace that the watchers' deliveries continue; default for an unsampled update.</param>
    public void Add(in FrameEntry entry, in ActivityContext trace)
    {
        ref var frame = ref _frames[_scheme.IsPartitioned ? _scheme.SlotOf(entry.UserId) : 0];
        if (!frame.Frame.TryAdd(entry, trace))
        {
            FanoutTelemetry.EntriesRefused.Add(1);
            return;
        }

        frame.AnyUser = entry.UserId;
        if (frame.Frame.IsFull || !_scheme.IsPartitioned)
        {
            _publisher.TrySend(frame.Frame, frame.AnyUser);
        }
    }

    /// <summary>Sends every frame that has an entry.</summary>
    public void Send()
    {
        foreach (var (frame, user) in _frames)
        {
            if (frame.Count > 0)
            {
                _publisher.TrySend(frame, user);
            }
        }
    }
}
