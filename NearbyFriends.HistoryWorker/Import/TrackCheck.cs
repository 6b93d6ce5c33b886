using NearbyFriends.Core.Geo;
using NearbyFriends.History;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>Why a point of a record cannot be a location of the history.</summary>
public enum SkipReason
{
    /// <summary>It has no time, or one that cannot be read.</summary>
    NoTime,

    /// <summary>It has no position, or one that cannot be read, or the one of a device without a fix: 0, 0, or an accuracy below 0.</summary>
    NoPosition,

    /// <summary>Its latitude is not within -90 to 90 degrees, or its longitude not within -180 to 180.</summary>
    OffEarth,

    /// <summary>Its time is more than a minute ahead.</summary>
    Future,

    /// <summary>Its time is before 1970, as of a device that did not know the time.</summary>
    Before1970,
}

/// <summary>Makes a user's own record a part of the history: skips the points that cannot be, and counts them.</summary>
/// <param name="userId">Whose record it is.</param>
/// <param name="now">Unix milliseconds UTC: the time of receipt of all points.</param>
public sealed class TrackCheck(long userId, long now)
{
    // As much as gateways allow a device.
    private const long MaxAheadMilliseconds = 60_000;

    private readonly SortedDictionary<SkipReason, long> _skipped = [];

    /// <summary>How many points were skipped so far, by reason.</summary>
    public IReadOnlyDictionary<SkipReason, long> Skipped => _skipped;

    /// <summary>The points that can be stored, in their order.</summary>
    public IEnumerable<HistoryPoint> Check(IEnumerable<TrackPoint> points)
    {
        foreach (var point in points)
        {
            if (ReasonToSkip(point) is { } reason)
            {
                _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
            }
            else
            {
                yield return new(userId, Location.FromDegrees(point.Latitude, point.Longitude, point.Time!.Value), Finite(point.AccuracyMetres), now);
            }
        }
    }

    private static float Finite(float accuracy) => float.IsFinite(accuracy) ? accuracy : float.NaN;

    private SkipReason? ReasonToSkip(in TrackPoint point) => point switch
    {
        { Time: null } => SkipReason.NoTime,
        { Latitude: double.NaN } or { Longitude: double.NaN } or { Latitude: 0, Longitude: 0 } or { AccuracyMetres: < 0 } => SkipReason.NoPosition,
        _ when !Location.IsOnEarth(point.Latitude, point.Longitude) => SkipReason.OffEarth,
        { Time: < 0 } => SkipReason.Before1970,
        _ when point.Time > now + MaxAheadMilliseconds => SkipReason.Future,
        _ => null,
    };
}
