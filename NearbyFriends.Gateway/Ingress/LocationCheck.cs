using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>A location that may not be taken: the code and a sentence that names the field.</summary>
public readonly record struct Rejection(string Code, string Message);

/// <summary>Whose points are checked, and under which consent they are taken.</summary>
/// <param name="UserId">The user, who shares.</param>
/// <param name="SharingVersion">The user's sharing version.</param>
/// <param name="SharingSince">Unix milliseconds at which the user began to share again; 0 if it never paused.</param>
/// <param name="StrangersVersion">The user's strangers version; 0 while strangers do not see the user.</param>
public readonly record struct Sender(long UserId, long SharingVersion, long SharingSince, long StrangersVersion = 0);

/// <summary>Decides which points of a client may be taken, by range and by the server's clock.</summary>
public sealed class LocationCheck(TimeProvider clock)
{
    /// <summary>How far ahead of the server a device's clock may be.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromSeconds(60);

    /// <summary>How old a point gathered offline may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>Checks points of one user: the locations of those that may be taken, and why the first of the others may not.</summary>
    public (IReadOnlyList<LocationUpdate> Accepted, Rejection? Rejection) Check(in Sender sender, IReadOnlyList<ClientPoint> points)
    {
        Rejection? rejection = null;
        var receivedAt = clock.UnixMicroseconds();
        var accepted = new List<LocationUpdate>(points.Count);
        foreach (var point in points)
        {
            if (Check(point, sender.SharingSince, out var location) is { } rejected)
            {
                rejection ??= rejected;
            }
            else
            {
                accepted.Add(new LocationUpdate(sender.UserId, sender.SharingVersion, location, point.Accuracy, receivedAt, sender.StrangersVersion));
            }
        }

        return (accepted, rejection);
    }

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
}
