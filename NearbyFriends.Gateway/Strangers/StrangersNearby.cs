using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>Strangers nearby, as the rest of the gateway uses it: sessions ask for them, frames and changes tell of them.</summary>
public sealed partial class StrangersNearby
{
    private readonly StrangerContext _context;
    private readonly StrangerMap _map;
    private readonly StrangerLooks _looks;
    private readonly CellPublisher _publisher;
    private readonly WatchIndex _index;
    private readonly IFriendSource _people;
    private readonly ILogger<StrangersNearby> _logger;
    private readonly LogThrottle _failures;

    public StrangersNearby(
        StrangerContext context, StrangerLooks looks, CellPublisher publisher, WatchIndex index, IFriendSource people, TimeProvider clock,
        ILogger<StrangersNearby> logger)
    {
        (_context, _map, _looks, _publisher, _index, _people) = (context, context.Map, looks, publisher, index, people);
        (_logger, _failures) = (logger, new(clock));
        GatewayTelemetry.Meter.CreateObservableUpDownCounter("nearbyfriends.strangers.cells", () => _map.CellCount, "{cell}", "Cells that sessions look at.");
        GatewayTelemetry.Meter.CreateObservableUpDownCounter(
            "nearbyfriends.strangers.people", () => _map.Count, "{user}", "Users in these cells who let strangers see them.");
    }

    /// <summary>Whether the viewer's user consents; a consent of this moment may have come here before the word of it, so the source is asked.</summary>
    /// <exception cref="Exception">The source is unavailable.</exception>
    public async ValueTask<bool> IsConsentGivenAsync(IStrangerViewer viewer)
    {
        if (viewer.StrangerConsent.Version == 0 && await _people.FindSharingAsync(viewer.UserId, CancellationToken.None) is { } sharing)
        {
            viewer.StrangerConsent.Load(sharing.StrangersVersion);
        }

        return viewer.StrangerConsent.Version > 0;
    }

    /// <summary>
    /// Shows the viewer strangers within a radius, in a new list, which answers the client; radius 0 ends it. Of changes of the viewer's
    /// friends and blocks, those that the caller applies later count too.
    /// </summary>
    /// <param name="viewer">A session whose user consents.</param>
    /// <param name="radius">Metres.</param>
    /// <param name="friends">The viewer's friends now.</param>
    /// <param name="reference">The client's <c>ref</c>.</param>
    /// <returns>False when blocks cannot be read: nobody can be shown.</returns>
    public async Task<bool> TryShowAsync(IStrangerViewer viewer, int radius, IReadOnlyCollection<long> friends, string? reference)
    {
        long[] blocks;
        try
        {
            blocks = radius == 0 ? [] : await _people.LoadBlocksAsync(viewer.UserId, CancellationToken.None);
        }
        catch (Exception e)
        {
            if (_failures.Add() is > 0 and var count)
            {
                LogFailed(e, count);
            }

            return false;
        }

        if (viewer.Strangers is not { } watch)
        {
            viewer.Strangers = watch = new StrangerWatch(viewer, _context);
            _looks.Add(watch);
        }

        watch.Show(radius, friends.Concat(blocks), reference);
        return true;
    }

    /// <summary>Takes a frame of a cell; what is no such frame is counted and dropped.</summary>
    public void Receive(ReadOnlySpan<byte> frame)
    {
        if (CellFrame.TryRead(frame) is { } entries)
        {
            _map.Take(entries);
        }
        else
        {
            FanoutTelemetry.FramesMalformed.Add(1);
        }
    }

    /// <summary>
    /// Takes a change of a user whom sessions here may see as a stranger, or who is a session's user: before anything else does, because
    /// it needs to know where the user was. Never waits.
    /// </summary>
    public void Apply(in Change change)
    {
        if (change.Hides)
        {
            Hide(StrangerLocation.Hidden(change.UserId, change.Version, 0));
        }
        else if (change.Kind == ChangeKind.StrangersEnded)
        {
            Hide(StrangerLocation.Hidden(change.UserId, 0, change.Version));
        }
        else if (change.Kind == ChangeKind.Renamed)
        {
            _map.Name([KeyValuePair.Create(change.UserId, (string?)null)]);
        }
    }

    private void Hide(StrangerLocation word)
    {
        if (_map.Hide(word) && _index.FindHeardOf(word.UserId) is { } own)
        {
            _publisher.Hide(word, own);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Blocks of users could not be read ({Count} since the last such line); they are shown no strangers.")]
    private partial void LogFailed(Exception exception, int count);
}
