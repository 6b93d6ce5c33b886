using System.Globalization;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>A location that may not be taken: the code and a sentence that names the field.</summary>
public readonly record struct Rejection(string Code, string Message);

/// <summary>What came of a client's points.</summary>
/// <param name="Accepted">The locations that are taken, in order of time.</param>
/// <param name="Shown">Where the user is now: at one of these or, if what is newer is held back, where it was. Means nothing if there are none.</param>
/// <param name="Rejection">Why the oldest of the others was not taken; null if all were.</param>
public readonly record struct CheckedPoints(IReadOnlyList<LocationUpdate> Accepted, Location Shown, Rejection? Rejection);

/// <summary>Whose points are checked, and under which consent they are taken.</summary>
/// <param name="UserId">The user, who shares.</param>
/// <param name="SharingVersion">The user's sharing version.</param>
/// <param name="SharingSince">Unix milliseconds at which the user began to share again; 0 if it never paused.</param>
/// <param name="Current">Where the user is as far as is known; null when it is not, or is inactive.</param>
/// <param name="SharingUntil">Unix milliseconds at which sharing ends; 0 for no end.</param>
/// <param name="StrangersVersion">The user's strangers version; 0 while strangers do not see the user.</param>
public readonly record struct Sender(
    long UserId, long SharingVersion, long SharingSince, Location? Current, long SharingUntil = 0, long StrangersVersion = 0);

/// <summary>Decides which points of a client may be taken: by range, by the server's clock, and by how fast anybody can be.</summary>
public sealed class LocationCheck(OutlierFilter outliers, TimeProvider clock)
{
    /// <summary>How far ahead of the server a device's clock may be.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromSeconds(60);

    /// <summary>How old a point gathered offline may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>Checks points of one user. Of points of one millisecond the first counts.</summary>
    public CheckedPoints Check(in Sender sender, IReadOnlyList<ClientPoint> points)
    {
        Rejection? rejection = null;
        var receivedAt = clock.UnixMicroseconds();
        var accepted = new List<LocationUpdate>(points.Count);
        foreach (var point in points.Count > 1 ? InOrder(points) : points)
        {
            if (Check(point, sender.SharingSince, out var location) is { } rejected)
            {
                rejection ??= rejected;
            }
            else
            {
                accepted.Add(new LocationUpdate(
                    sender.UserId, sender.SharingVersion, location, point.Accuracy, receivedAt, sender.SharingUntil, sender.StrangersVersion));
            }
        }

        return new(accepted, accepted.Count > 0 ? outliers.Settle(sender.Current, accepted) : default, rejection);
    }

    private static IEnumerable<ClientPoint> InOrder(IReadOnlyList<ClientPoint> points) => points.DistinctBy(point => point.Time).OrderBy(point => point.Time);

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
            return new(ErrorCodes.InvalidLocation, "The field 'time' must be a number of Unix milliseconds.");
        }

        if (point.Accuracy < 0 || point is { Latitude: 0, Longitude: 0 })
        {
            return new(ErrorCodes.NoFix, "The device has no fix (an 'accuracy' below 0, or 'lat' and 'lon' 0): the point was dropped.");
        }

        var now = clock.UnixMilliseconds();
        if (time > now + (long)MaxAhead.TotalMilliseconds)
        {
            return new(ErrorCodes.ClockSkew, $"The field 'time' is {Seconds(time - now)} s ahead of the server; up to 60 s are taken.");
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

    private static string Seconds(long milliseconds) => (milliseconds / 1_000).ToString(CultureInfo.InvariantCulture);
}
