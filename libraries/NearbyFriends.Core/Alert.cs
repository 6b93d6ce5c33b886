using System.Globalization;

namespace NearbyFriends.Core;

/// <summary>A user is told, once, that a friend came near.</summary>
/// <param name="UserId">Who is told.</param>
/// <param name="FriendId">Who came near.</param>
/// <param name="DistanceMetres">How near, to a tenth.</param>
/// <param name="Time">Unix milliseconds UTC at which a gateway decided it.</param>
public readonly record struct Alert(long UserId, long FriendId, double DistanceMetres, long Time)
{
    /// <summary>The same wherever the alert is spoken of.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{UserId}-{FriendId}-{Time}");
}
