using System.Buffers.Binary;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache;

/// <summary>
/// The current location of every active user, in Redis: <c>loc:{user}</c> holds 33 bytes (sharing version, time,
/// latitude, longitude, the end of sharing, accuracy) until the user counts as inactive or its sharing ends.
/// </summary>
/// <remarks>
/// A write counts only if its (sharing version, time) is greater than what is there, whichever server it comes
/// through and however late it arrives; hiding leaves a tombstone of 8 bytes with the version at which it happened.
/// A value of 24 bytes, of a gateway of the version before, has no end and no accuracy.
/// Each is one script, on a server for many keys at once. In a Redis Cluster, where no command may name keys of several
/// hash slots, each key has a call of its own; the connection sends them together.
/// Replication is asynchronous: a failover may lose the last writes, tombstones among them. Gateways therefore never rely on
/// a tombstone alone (docs/decisions/0012-location-cache-redis-cluster.md).
/// </remarks>
public sealed class RedisLocationCache(
    [FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis,
    IOptions<LocationCacheOptions> options, IOptions<PresenceOptions> presence, TimeProvider clock)
{
    private const int LocationBytes = 33;
    private const int OldLocationBytes = 24;
    private const int TombstoneBytes = sizeof(long);
    private const int MaxKeysInScript = 256; // some 0.3 ms, in which the server does nothing else

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

    // ARGV: the sharing version before and after, the end (8 bytes each), how long a location lives, and the end again, as a number.
    private const string ProlongScript = """
        local old = redis.call('GET', KEYS[1])
        if not old or #old == 8 or string.sub(old, 1, 8) ~= ARGV[1] then return 0 end
        local accuracy, ends = string.sub(old, 33, 33), tonumber(ARGV[5])
        if accuracy == '' then accuracy = string.char(0) end
        local expires = struct.unpack('>l', old, 9) + tonumber(ARGV[4])
        if ends > 0 and ends < expires then expires = ends end
        redis.call('SET', KEYS[1], ARGV[2] .. string.sub(old, 9, 24) .. ARGV[3] .. accuracy, 'PXAT', string.format('%d', expires))
        return 1
        """;

    private readonly bool _isCluster = options.Value.Cluster;
    private readonly TimeSpan _writePatience = options.Value.WritePatience;
    private readonly PresenceOptions _presence = presence.Value;
    private readonly long _lifetimeMs = (long)presence.Value.InactiveAfter.TotalMilliseconds;

    private IDatabase Database => redis.GetDatabase();

    /// <summary>
    /// Makes each of these its user's current location, unless a newer one is there; in their order, in one round trip.
    /// Waits for <see cref="LocationCacheOptions.WritePatience"/> at most, and does not fail while Redis is unavailable.
    /// </summary>
    /// <returns>What became of each; null where Redis did not answer. Such a write may still be carried out.</returns>
    public async Task<LocationWrite?[]> WriteAsync(IReadOnlyList<LocationUpdate> updates)
    {
        var chunks = updates.Chunk(_isCluster ? 1 : MaxKeysInScript).ToArray();
        var scripts = Array.ConvertAll(chunks, WriteTogetherAsync);
        await ((Task)Task.WhenAll(scripts)).WaitAsync(_writePatience, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var outcomes = new LocationWrite?[updates.Count];
        var next = 0;
        foreach (var (chunk, script) in chunks.Zip(scripts))
        {
            if (!script.IsCompleted)
            {
                CacheTelemetry.Failures.Add(1);
            }
            else if (await script is { } written)
            {
                written.CopyTo(outcomes, next);
            }

            next += chunk.Length;
        }

        return outcomes;
    }

    /// <summary>
    /// Hides the user as of <paramref name="sharingVersion"/>: the location is gone, and no write of this or an earlier
    /// version brings one back. Idempotent.
    /// </summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public Task HideAsync(long userId, long sharingVersion) => Database.ScriptEvaluateAsync(
        WriteScript, [Key(userId)], [BigEndian(sharingVersion), clock.UnixMilliseconds() + (2 * _lifetimeMs)]);

    /// <summary>
    /// Carries the user's location over to <paramref name="sharingVersion"/>, which differs from the one before in its end
    /// only. No effect if there is no location of the version before.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sharingVersion">The user's sharing version after the change.</param>
    /// <param name="sharingUntil">Unix milliseconds at which sharing ends; 0 for no end.</param>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public Task ProlongAsync(long userId, long sharingVersion, long sharingUntil) => Database.ScriptEvaluateAsync(
        ProlongScript, [Key(userId)],
        [BigEndian(sharingVersion - 1), BigEndian(sharingVersion), BigEndian(sharingUntil), _lifetimeMs, sharingUntil]);

    /// <summary>The entry of one user; null where there is none.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<CachedLocation?> ReadAsync(long userId) => Decode(await Database.StringGetAsync(Key(userId)));

    /// <summary>The entries of these users, in one round trip. Does not fail while Redis, or a master of a cluster, is unavailable.</summary>
    public async Task<CachedLocations> ReadAsync(IReadOnlyList<long> userIds)
    {
        var keys = userIds.Select(Key).ToArray();
        var values = _isCluster
            ? await Task.WhenAll(Array.ConvertAll(keys, ReadOneAsync))
            : await ReadTogetherAsync(keys);
        return new(Array.ConvertAll(values, value => Decode(value ?? default)), Array.TrueForAll(values, value => value is not null));
    }

    private async Task<LocationWrite?[]?> WriteTogetherAsync(LocationUpdate[] updates)
    {
        var arguments = new RedisValue[2 * updates.Length];
        for (var i = 0; i < updates.Length; i++)
        {
            arguments[2 * i] = Encode(updates[i]);
            arguments[(2 * i) + 1] = _presence.EndOf(updates[i].Location.Time, updates[i].SharingUntil);
        }

        var keys = Array.ConvertAll(updates, update => Key(update.UserId));
        var written = await OrNullAsync(async () => (int[])(await Database.ScriptEvaluateAsync(WriteScript, keys, arguments))!);
        return written is null ? null : Array.ConvertAll(written, outcome => (LocationWrite?)outcome);
    }

    private async Task<RedisValue?> ReadOneAsync(RedisKey key) => (await OrNullAsync(async () => new[] { await Database.StringGetAsync(key) }))?[0];

    private async Task<RedisValue?[]> ReadTogetherAsync(RedisKey[] keys) =>
        await OrNullAsync(() => Database.StringGetAsync(keys)) is { } values
            ? Array.ConvertAll(values, value => (RedisValue?)value)
            : new RedisValue?[keys.Length];

    private static async Task<T?> OrNullAsync<T>(Func<Task<T>> call) where T : class
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            CacheTelemetry.Failures.Add(1);
            return null;
        }
    }

    private static RedisKey Key(long userId) => $"loc:{userId}";

    private static byte[] BigEndian(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Encode(in LocationUpdate update)
    {
        var value = new byte[LocationBytes];
        BinaryPrimitives.WriteInt64BigEndian(value, update.SharingVersion);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8), update.Location.Time);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(16), update.Location.LatitudeE7);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(20), update.Location.LongitudeE7);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(24), update.SharingUntil);
        value[32] = update.Accuracy.Code;
        return value;
    }

    private static CachedLocation? Decode(RedisValue value)
    {
        ReadOnlySpan<byte> bytes = ((ReadOnlyMemory<byte>)value).Span;
        return bytes.Length switch
        {
            LocationBytes => new CachedLocation(
                BinaryPrimitives.ReadInt64BigEndian(bytes), LocationOf(bytes), new Accuracy(bytes[32]), BinaryPrimitives.ReadInt64BigEndian(bytes[24..])),
            OldLocationBytes => new CachedLocation(BinaryPrimitives.ReadInt64BigEndian(bytes), LocationOf(bytes)),
            TombstoneBytes => new CachedLocation(BinaryPrimitives.ReadInt64BigEndian(bytes), null),
            _ => null,
        };
    }

    private static Location LocationOf(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt32BigEndian(bytes[16..]), BinaryPrimitives.ReadInt32BigEndian(bytes[20..]), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]));
}
