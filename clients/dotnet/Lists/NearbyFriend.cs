
namespace NearbyFriends.Client.Lists;

/// <summary>A friend in the list.</summary>
/// <param name="Id">The friend's user id.</param>
/// <param name="Name">
/// Display name. Null only for a friend on a page that was not asked for yet and who moved: <see cref="NearbyClient.MoreAsync"/>
/// brings it.
/// </param>
/// <param name="Latitude">Degrees WGS 84.</param>
/// <param name="Longitude">Degrees WGS 84.</param>
/// <param name="Time">When the friend was there: Unix milliseconds UTC. Never goes back.</param>
/// <param name="Distance">Metres from one's own last location.</param>
public readonly record struct NearbyFriend(long Id, string? Name, double Latitude, double Longitude, long Time, double Distance);

/// <summary>Why a friend left the list.</summary>
public enum LeaveReason
{
    /// <summary>Beyond the radius and a margin of 5 %, at least 25 m.</summary>
    Away,

    /// <summary>Inactive, hidden, or no longer a friend; the gateway does not say which.</summary>
    Gone,
}

/// <summary>What happened to the list.</summary>
public enum ListChangeKind
{
    /// <summary>A new list took the place of the old one (after connecting, and whenever the gateway makes one).</summary>
    Replaced,

    /// <summary>A friend came into the radius, or with a further page.</summary>
    Added,

    /// <summary>A friend moved, was seen again in the same place, or is at another distance.</summary>
    Moved,

    /// <summary>A friend left.</summary>
    Left,

    /// <summary>One moved oneself: any distance may differ, and with it the order.</summary>
    Distances,
}

/// <summary>One change of the list.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Friend">The friend as it is now; as it was last, if it left. Default where the change is about all.</param>
/// <param name="Reason">Of a <see cref="ListChangeKind.Left"/>.</param>
/// <param name="ReportedDistance">
/// Metres as the gateway computed them from the location it had of this user; null when the change did not come from the
/// gateway. <see cref="NearbyFriend.Distance"/> is computed from the location that was sent last.
/// </param>
/// <param name="IsNews">
/// Of a <see cref="ListChangeKind.Moved"/>: whether the friend's location is newer than the one before. It is not when the
/// gateway merely tells the distance again because one moved oneself.
/// </param>
public readonly record struct ListChange(
    ListChangeKind Kind, NearbyFriend Friend = default, LeaveReason? Reason = null, double? ReportedDistance = null, bool IsNews = false);
