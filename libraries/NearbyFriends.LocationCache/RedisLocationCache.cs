using System.Buffers.Binary;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache;

/// <summary>What became of a write to the location cache.</summary>
public enum LocationWrite
{
    /// <summary>It is the user's current location now.</summary>
    Current = 1,

    /// <summary>A newer location, or one of a newer sharing version, is there already.</summary>
    Older = 0,

    /// <summary>The user hid itself at this sharing version or a later one.</summary>
    Hidden = -1,
}

/// <summary>A location that should become its user's current one.</summary>
public readonly record struct LocationToWrite(long UserId, long SharingVersion, Location Location);

/// <summary>
/// The current location of every active user, in Redis: <c>loc:{user}</c> holds 24 bytes (sharing version, time,
/// latitude, longitude) until the user would count as inactive.
/// </summary>
/// <remarks>
/// A write counts only if its (sharing version, time) is greater than what is there, whichever server it comes
/// through and however late it arrives; hiding leaves a tombstone of 8 bytes with the version at which it happened.
/// Each is one script, on plain servers for many keys at once; in a Redis Cluster, where no script may name keys of several
/// hash slots, for each by itself.
/// </remarks>
public sealed class RedisLocationCache(CacheServers servers, IOptions<PresenceOptions> presence, TimeProvider clock)
{
    private const int LocationBytes = 24;
    private const int TombstoneBytes = 8;

    // ARGV: for each key the new value, and when it expires (Unix milliseconds). Values are big endian, so that Redis can
    // unpack them and bytewise order is numeric order. Numbers stay below 2^53, which Lua's doubles hold exactly.
    private const string WriteScript = """
        local function write(key, value, expires)
          local old = redis.call('GET', key)
          if old then
            local oldVersion, newVersion = struct.unpack('>l', old), struct.unpack('>l', value)
            if newVersion < oldVersion then
              if #old == 8 then return -1 else return 0 end
            end
            if newVersion == oldVersion then
              if #old == 8 then return -1 end
              if #value > 8 and struct.unpack('>l', value, 9) <= struct.unpack('>l', old, 9) then return 0 end
            end
          end
          redis.call('SET', key, value, 'PXAT', expires)
          return 1
        end
        local written = {}
        for i = 1, #KEYS do written[i] = write(KEYS[i], ARGV[2 * i - 1], ARGV[2 * i]) end
        return written
        """;

    /// <summary>The parts that the users are shared out over; see <see cref="ShardOf"/>.</summary>
    public IReadOnlyList<CacheShard> Shards => servers.Shards;

    /// <summary>The part that holds the location of a user.</summary>
    public CacheShard ShardOf(long userId) => servers.Of(userId);

    /// <summary>Makes each of these its user's current location, unless a newer is there: in their order, in one round trip.</summary>
    /// <param name="shard">Where all of these users are.</param>
    /// <param name="locations">Some hundred at most: a server carries out nothing else meanwhile.</param>
    /// <exception cref="RedisException">The shard is away.</exception>
    public Task<LocationWrite[]> WriteAsync(CacheShard shard, IReadOnlyList<LocationToWrite> locations)
    {
        var keys = new RedisKey[locations.Count];
        var arguments = new RedisValue[2 * locations.Count];
        for (var i = 0; i < locations.Count; i++)
        {
            var (userId, sharingVersion, location) = locations[i];
            keys[i] = Key(userId);
            arguments[2 * i] = Encode(sharingVersion, location);
            arguments[(2 * i) + 1] = location.Time + (long)presence.Value.InactiveAfter.TotalMilliseconds;
        }

        return RunAsync(shard, keys, arguments);
    }

    /// <summary>
    /// Hides the user as of <paramref name="sharingVersion"/>: the location is gone, and no write of this or an earlier
    /// version brings one back.
    /// </summary>
    /// <exception cref="RedisException">The cache is away.</exception>
    public async Task HideAsync(long userId, long sharingVersion)
    {
        var value = new byte[TombstoneBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, sharingVersion);
        var shard = servers.Of(userId);
        await RunAsync(shard, [Key(userId)], [value, clock.UnixMilliseconds() + (2 * (long)presence.Value.InactiveAfter.TotalMilliseconds)]);
        await shard.AwaitReplicaAsync(Key(userId), there => Decode(there)?.SharingVersion >= sharingVersion);
    }

    /// <summary>The entry of one user; null where there is none.</summary>
    /// <exception cref="RedisException">The user's shard is away.</exception>
    public async Task<CachedLocation?> ReadAsync(long userId) => Decode(await servers.Of(userId).Database.StringGetAsync(Key(userId)));

    /// <summary>The entries of these users, in one round trip to each shard, all at once. A shard that is away fails nothing but its own.</summary>
    public async Task<CachedLocations> ReadAsync(IReadOnlyList<long> userIds)
    {
        var cached = new CachedLocations(userIds.Count);
        var all = Enumerable.Range(0, userIds.Count);
        await (servers.Shards.Count == 1
            ? ReadAsync(servers.Shards[0], [.. all], userIds, cached)
            : Task.WhenAll(all.GroupBy(index => servers.Of(userIds[index])).Select(group => ReadAsync(group.Key, [.. group], userIds, cached))));
        return cached;
    }

    private static async Task ReadAsync(CacheShard shard, int[] indexes, IReadOnlyList<long> userIds, CachedLocations cached)
    {
        // Before the read: what is doubted while it is under way was asked of a server that had been there.
        var doubtful = shard.IsDoubtful;
        var values = await shard.ReadAsync(Array.ConvertAll(indexes, index => Key(userIds[index])));
        for (var i = 0; i < indexes.Length; i++)
        {
            if (values[i] is { } value)
            {
                cached.Set(indexes[i], Decode(value), doubtful);
            }
            else
            {
                cached.SetMissing(indexes[i]);
            }
        }
    }

    private static async Task<LocationWrite[]> RunAsync(CacheShard shard, RedisKey[] keys, RedisValue[] arguments) =>
        Array.ConvertAll(await shard.RunAsync(WriteScript, keys, arguments), result => (LocationWrite)result);

    private static RedisKey Key(long userId) => $"loc:{userId}";

    private static byte[] Encode(long sharingVersion, Location location)
    {
        var value = new byte[LocationBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, sharingVersion);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8), location.Time);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(16), location.LatitudeE7);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(20), location.LongitudeE7);
        return value;
    }

    private static CachedLocation? Decode(RedisValue value)
    {
        ReadOnlySpan<byte> bytes = ((ReadOnlyMemory<byte>)value).Span;
        return bytes.Length switch
        {
            LocationBytes => new CachedLocation(
                BinaryPrimitives.ReadInt64BigEndian(bytes),
                new Location(
                    BinaryPrimitives.ReadInt32BigEndian(bytes[16..]),
                    BinaryPrimitives.ReadInt32BigEndian(bytes[20..]),
                    BinaryPrimitives.ReadInt64BigEndian(bytes[8..]))),
            TombstoneBytes => new CachedLocation(BinaryPrimitives.ReadInt64BigEndian(bytes), null),
            _ => null,
        };
    }
}
