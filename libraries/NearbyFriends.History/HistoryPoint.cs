using NearbyFriends.Core.Geo;


namespace NearbyFriends.History;

/// <summary>One row of the location history before it is stored.</summary>
/// <param name="UserId">Whose location.</param>
/// <param name="Location">Where and when.</param>
/// <param name="AccuracyMetres">Radius of uncertainty that the device reported, in metres; NaN when it reported none.</param>
/// <param name="ReceivedAt">Unix milliseconds UTC at which the gateway received it.</param>
public readonly record struct HistoryPoint(long UserId, Location Location, float AccuracyMetres, long ReceivedAt);
