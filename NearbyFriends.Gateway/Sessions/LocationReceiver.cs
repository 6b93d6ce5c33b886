using System.Diagnostics;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Friends;
using NearbyFriends.Gateway.History;
using NearbyFriends.Gateway.Operations;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.History;
using NearbyFriends.LocationCache;
using NearbyFriends.ServiceDefaults.Telemetry;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>A location that may not be taken: the code and a sentence that names the field.</summary>
public readonly record struct Rejection(string Code, string Message);

/// <summary>
/// The road of one location: checked, shown to this gateway's sessions, written to the cache, kept for history, and
/// sent to the other gateways. The same for sockets, streams and POST.
/// </summary>
public sealed class LocationReceiver(
    FrameReceiver frames, RecentlyHidden hidden, FriendChanges friendChanges, LocationWriter writer, FanoutPublisher publisher, HistoryAppender history,
    LiveFigures figures, UserIdHash hash, TimeProvider clock)
{
    /// <summary>How far ahead of the server a device's clock may be.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromSeconds(60);

    /// <summary>How old a point gathered offline may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>Turns a client's point into a location, or says why it is none.</summary>
    private Rejection? Check(in ClientPoint point, long sharingSince, out Location location)
    {
        location = default;
        if (!(Math.Abs(point.Latitude) <= 90))
        {
            return new(ErrorCodes.InvalidLocation, "The field 'lat' must be a number from -90 to 90.");
        }

        if (!(Math.Abs(point.Longitude) <= 180))
        {
            return new(ErrorCodes.InvalidLocation, "The field 'lon' must be a number from -180 to 180.");
        }

        if (point.Time is not { } time)
        {
            return new(ErrorCodes.InvalidLocation, "The field 'time' must be a whole number of Unix milliseconds.");
        }

        if (point.Accuracy < 0)
        {
            return new(ErrorCodes.InvalidLocation, "The field 'accuracy' must not be negative.");
        }

        var now = clock.UnixMilliseconds();
        if (time > now + (long)MaxAhead.TotalMilliseconds)
        {
            return new(ErrorCodes.ClockSkew, "The field 'time' is more than 60 s ahead of the server.");
        }

        if (time < now - (long)MaxAge.TotalMilliseconds)
        {
            return new(ErrorCodes.TooOld, "The field 'time' is more than 24 h in the past.");
        }

        if (time < sharingSince)
        {
            return new(ErrorCodes.NotSharing, "The location is from before sharing began again: it was not kept.");
        }

        location = Location.FromDegrees(point.Latitude, point.Longitude, Math.Min(time, now));
        return null;
    }

    /// <summary>Checks points of one user: those that may be taken, and why the first of the others may not.</summary>
    /// <param name="userId">Whose they are.</param>
    /// <param name="sharingSince">Unix milliseconds at which the user began to share again; 0 if it never paused.</param>
    /// <param name="points">As the client sent them.</param>
    public (List<HistoryPoint> Accepted, Rejection? Rejection) Check(long userId, long sharingSince, IReadOnlyList<ClientPoint> points)
    {
        Rejection? rejection = null;
        var accepted = new List<HistoryPoint>(points.Count);
        foreach (var point in points)
        {
            if (Check(point, sharingSince, out var location) is { } rejected)
            {
                rejection ??= rejected;
            }
            else
            {
                accepted.Add(new HistoryPoint(userId, location, point.Accuracy, clock.UnixMilliseconds()));
            }
        }

        return (accepted, rejection);
    }

    /// <summary>
    /// Takes checked points of one user who shares. The newest counts as the current location unless a newer one is
    /// known; all of them are history. When the task ends, the cache has it and the frame is on its way; a cache that
    /// is away delays nobody.
    /// </summary>
    /// <param name="userId">Whose they are.</param>
    /// <param name="sharingVersion">The user's sharing version.</param>
    /// <param name="points">By <see cref="Check(long, long, IReadOnlyList{ClientPoint})"/>.</param>
    /// <param name="atOnce">Whether somebody waits for an answer, after which whoever connects expects the user to be there.</param>
    public async Task ReceiveAsync(long userId, long sharingVersion, IReadOnlyList<HistoryPoint> points, bool atOnce)
    {
        if (hidden.IsHidden(userId, sharingVersion))
        {
            friendChanges.Refresh(userId); // its session does not know it yet; nothing is kept
            return;
        }

        var receivedAt = clock.UnixMicroseconds();
        using var activity = SessionTelemetry.Activities.StartActivity("receive location", ActivityKind.Server);
        if (activity?.Recorded == true)
        {
            activity.SetTag("nearbyfriends.user", hash.Of(userId)).SetTag("nearbyfriends.points", points.Count);
        }

        var trace = activity?.Recorded == true ? activity.Context : default;
        var newest = points.MaxBy(point => point.Location.Time).Location;
        var entry = FrameEntry.Moved(userId, sharingVersion, newest, receivedAt);
        SessionTelemetry.Updates.Add(points.Count);
        figures.Accepted(points.Count);
        frames.Apply(entry, trace);

        var write = await writer.WriteAsync(new(userId, sharingVersion, newest, float.NaN, receivedAt), atOnce);
        activity?.SetTag("nearbyfriends.cache.write", write.ToString());
        if (write == LocationWrite.Hidden)
        {
            friendChanges.Refresh(userId); // the user hid, and this gateway may not hear of it otherwise: nothing is kept
            return;
        }

        foreach (var point in points)
        {
            history.Append(point);
        }

        if (write == LocationWrite.Current)
        {
            publisher.Publish(entry, trace);
        }
    }
}
