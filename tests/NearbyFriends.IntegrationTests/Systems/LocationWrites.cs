using NearbyFriends.Core.Geo;
using NearbyFriends.LocationCache;

namespace NearbyFriends.IntegrationTests.Systems;

/// <summary>Writes to the location cache, one at a time.</summary>
internal static class LocationWrites
{
    /// <summary>Makes <paramref name="location"/> the user's current one, unless a newer is there.</summary>
    public static async Task<LocationWrite?> WriteAsync(this RedisLocationCache cache, long userId, long sharingVersion, Location location) =>
        (await cache.WriteAsync([new LocationUpdate(userId, sharingVersion, location, float.NaN, ReceivedAt: 0)]))[0];
}
