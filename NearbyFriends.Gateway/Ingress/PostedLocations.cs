using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.LocationCache;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>Takes locations that come by HTTP, from users who may have no session here.</summary>
public sealed class PostedLocations(WatchedUsers watched, LocationCheck check, LocationIngress ingress)
{
    /// <summary>Checks the points of a user who shares, and waits until the location cache has judged them.</summary>
    /// <returns>How many were taken; why the first of the others was not; whether the user hid meanwhile, so that none was kept.</returns>
    public async Task<(int Taken, Rejection? Rejection, bool IsHidden)> TakeAsync(long userId, UserSharing sharing, IReadOnlyList<ClientPoint> points)
    {
        var current = await watched.LocateAsync(userId, sharing.Version);
        var (accepted, shown, rejection) = check.Check(
            new(userId, sharing.Version, sharing.Since, current, sharing.Until, sharing.StrangersVersion), points);
        var isHidden = accepted.Count > 0 && await ingress.AddNowAsync(accepted, shown) == LocationWrite.Hidden;
        return (accepted.Count, rejection, isHidden);
    }
}
