namespace NearbyFriends.Core.Geo;

/// <summary>A user's location on its way from the client that sent it to the cache, the watchers and the history.</summary>
/// <param name="UserId">Whose location.</param>
/// <param name="SharingVersion">The user's sharing version when it was received: the consent under which it is shown.</param>
/// <param name="Location">Where and when.</param>
/// <param name="AccuracyMetres">Radius of uncertainty that the device reported, in metres; NaN when it reported none.</param>
/// <param name="ReceivedAt">Unix microseconds UTC at which the first server received it.</param>
/// <param name="SharingUntil">Unix milliseconds at which sharing ends at this sharing version; 0 for no end.</param>
/// <param name="StrangersVersion">The user's strangers version: the consent under which strangers see the square it lies in; 0 when they do not.</param>
public readonly record struct LocationUpdate(
    long UserId, long SharingVersion, Location Location, float AccuracyMetres, long ReceivedAt, long SharingUntil = 0, long StrangersVersion = 0)
{
    /// <summary>The accuracy as friends are told it.</summary>
    public Accuracy Accuracy => Accuracy.FromMetres(AccuracyMetres);
}
