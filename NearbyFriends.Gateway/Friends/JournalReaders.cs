using NearbyFriends.LocationCache;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Friends;

/// <summary>
/// The heartbeat of all who read the journal, in the location cache: one key that each success renews, and that expires when
/// nobody succeeds.
/// </summary>
/// <remarks>
/// A gateway that has failed for longer than <see cref="Lifetime"/> has no part in the key, so if it is there, others can read.
/// While the cache is unavailable nothing is known of the others, and nobody takes itself for cut off.
/// </remarks>
public sealed class JournalReaders([FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis)
{
    /// <summary>For how long a heartbeat is seen: longer than one read and the pause before it, shorter than a gateway fails until it is cut off.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(45);

    private const string Key = "journal:read";

    private IDatabase Database => redis.GetDatabase();

    /// <summary>This gateway has read the journal. Never throws.</summary>
    public async Task BeatAsync()
    {
        try
        {
            await Database.StringSetAsync(Key, 1, Lifetime);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // the next beat tells
        }
    }

    /// <summary>Whether somebody read the journal within <see cref="Lifetime"/>; false if that is unknown.</summary>
    public async Task<bool> AnyAsync()
    {
        try
        {
            return await Database.KeyExistsAsync(Key);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
