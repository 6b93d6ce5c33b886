using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Watching;

/// <summary>Reads users' locations from the location cache, in the order of the question; does not fail while a part of it is unavailable.</summary>
public delegate Task<CachedLocations> ReadLocations(IReadOnlyList<long> userIds);

/// <summary>What the location cache says of watched users, passed on to the sessions that watch them.</summary>
public sealed partial class WatchedUsers(
    WatchIndex index, Deliveries deliveries, WatchedSharing sharing, ReadLocations read, TimeProvider clock, ILogger<WatchedUsers> logger)
{
    private readonly LogThrottle _failures = new(clock);

    /// <summary>
    /// Takes the cached locations of these users, so far as they are newer than what is known here and their users did not hide
    /// since. False when a part of the cache is unavailable: the lists lack its friends until their next update.
    /// </summary>
    public async Task<bool> ReadCacheAsync(IReadOnlyList<long> userIds)
    {
        var cached = await read(userIds);
        if (!cached.IsComplete && _failures.Add() is > 0 and var count)
        {
            LogCacheUnavailable(count);
        }

        var tally = default(DeliveryTally); // not reported: nobody moved
        for (var i = 0; i < cached.Count; i++)
        {
            if (cached[i] is not { } entry || index.Find(userIds[i]) is not { } location)
            {
                continue;
            }

            if (entry.Location is { } place)
            {
                if (entry.SharingUntil != 0)
                {
                    sharing.Switch(location, entry.SharingVersion, sharing: true, entry.SharingUntil); // before anybody sees the place
                }

                deliveries.Move(location, entry.SharingVersion, place, entry.Accuracy, receivedAt: 0, trace: default, ref tally);
            }
            else
            {
                sharing.Switch(location, entry.SharingVersion, sharing: false);
            }
        }

        return cached.IsComplete;
    }

    /// <summary>
    /// Where a user is under this sharing version, watched here or not; null when that is not known. Does not fail while the cache is
    /// unavailable.
    /// </summary>
    public async Task<Location?> LocateAsync(long userId, long sharingVersion)
    {
        if (index.FindHeardOf(userId)?.Read() is { HasLocation: true } known)
        {
            return known.SharingVersion == sharingVersion ? known.Location : null;
        }

        var cached = (await read([userId]))[0];
        return cached?.SharingVersion == sharingVersion ? cached.Value.Location : null;
    }

    [LoggerMessage(LogLevel.Warning, "A part of the location cache is unavailable; {Count} lists since the last such line lack friends until their next update.")]
    private partial void LogCacheUnavailable(int count);
}
