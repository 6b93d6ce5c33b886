using System.Buffers.Binary;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace NearbyFriends.Core.Locations;

/// <summary>A user's entry in the location cache.</summary>
/// <param name="SharingVersion">The user's sharing version when it was written.</param>
/// <param name="Location">Null in a tombstone: the user hid itself at this version.</param>
public readonly record struct CachedLocation(long SharingVersion, Location? Location);

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

/// <summary>
/// The current location of every active user, in Redis: <c>loc:{user}</c> holds 24 bytes (sharing version, time,
/// latitude, longitude) until the user would count as inactive.
/// </summary>
/// <remarks>
/// A write counts only if its (sharing version, time) is greater than what is there, whichever server it comes
/// through and however late it arrives; hiding leaves a tombstone of 8 bytes with the version at which it happened.
/// Each is one script on one key, so plain servers and Redis Cluster behave the same.
/// </remarks>
public sealed class LocationCache(IConnectionMultiplexer redis, IOptions<PresenceOptions> presence, TimeProvider clock)
{
    private const int LocationBytes = 24;
    private const int TombstoneBytes = 8;

    // ARGV: the new value, when it expires (Unix milliseconds). Values are big endian, so that Redis can unpack them
    // and bytewise order is numeric order. Numbers stay below 2^53, which Lua's doubles hold exactly.
    private const string WriteScript = """
        local old = redis.call('GET', KEYS[1])
        if old then
          local oldVersion, newVersion = struct.unpack('>l', old), struct.unpack('>l', ARGV[1])
          if newVersion < oldVersion then
            if #old == 8 then return -1 else return 0 end
          end
          if newVersion == oldVersion then
            if #old == 8 then return -1 end
            if #ARGV[1] > 8 and struct.unpack('>l', ARGV[1], 9) <= struct.unpack('>l', old, 9) then return 0 end
          end
        end
        redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
        return 1
        """;

    /// <summary>Makes <paramref name="location"/> the user's current one, unless a newer is there.</summary>
    /// <exception cref="RedisException">The cache is away.</exception>
    public Task<LocationWrite> WriteAsync(long userId, long sharingVersion, Location location)
    {
        var value = new byte[LocationBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, sharingVersion);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8), location.Time);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(16), location.LatitudeE7);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(20), location.LongitudeE7);
        return RunAsync(userId, value, location.Time + (long)presence.Value.InactiveAfter.TotalMilliseconds);
    }

    /// <summary>
    /// Hides the user as of <paramref name="sharingVersion"/>: the location is gone, and no write of this or an earlier
    /// version brings one back.
    /// </summary>
    /// <exception cref="RedisException">The cache is away.</exception>
    public Task HideAsync(long userId, long sharingVersion)
    {
        var value = new byte[TombstoneBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, sharingVersion);
        return RunAsync(userId, value, clock.UnixMilliseconds() + (2 * (long)presence.Value.InactiveAfter.TotalMilliseconds));
    }

    /// <summary>The entries of these users in their order, null where there is none; one round trip.</summary>
    /// <exception cref="RedisException">The cache is away.</exception>
    public async Task<CachedLocation?[]> ReadAsync(IReadOnlyList<long> userIds)
    {
        if (userIds.Count == 0)
        {
            return [];
        }

        var keys = new RedisKey[userIds.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = Key(userIds[i]);
        }

        var values = await redis.GetDatabase().StringGetAsync(keys);
        return Array.ConvertAll(values, Decode);
    }

    private async Task<LocationWrite> RunAsync(long userId, byte[] value, long expiresAt) =>
        (LocationWrite)(int)await redis.GetDatabase().ScriptEvaluateAsync(WriteScript, [Key(userId)], [value, expiresAt]);

    private static RedisKey Key(long userId) => $"loc:{userId}";

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
