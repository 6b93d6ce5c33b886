using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache;

/// <summary>
/// Who can be seen by strangers in a cell, in Redis, for gateways that begin to watch the cell: what they know after that they
/// hear by pub/sub.
/// </summary>
/// <remarks>
/// <c>cell:{u4pru}:{n}</c> is a hash from user to <see cref="StrangerLocation"/>, of what was written within the n-th span of
/// <see cref="PresenceOptions.InactiveAfter"/> since 1970. A reader takes the current span and the one before, which hold all that
/// is still to be seen, and the older ones expire as a whole: no entry needs a time to live of its own, which Redis has for the
/// fields of a hash only since 7.4. Who hid is not taken back for certain; readers know by its versions that it is not to be shown.
/// Costs: two commands of a pipeline for each cell of a batch; a snapshot of 20,000 people is 1.6 MB at most.
/// </remarks>
public sealed class CellMembers(
    [FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis, IOptions<PresenceOptions> presence, TimeProvider clock)
{
    private readonly long _spanMs = (long)presence.Value.InactiveAfter.TotalMilliseconds;

    private IDatabase Database => redis.GetDatabase();

    /// <summary>Remembers where these people are, all in this cell. No effect while Redis is unavailable; never fails.</summary>
    public Task PutAsync(Geohash cell, IReadOnlyCollection<StrangerLocation> people)
    {
        var span = CurrentSpan;
        var key = Key(cell, span);
        var expires = DateTimeOffset.FromUnixTimeMilliseconds((span + 2) * _spanMs).UtcDateTime;
        var entries = people.Select(person => new HashEntry(person.UserId, Encode(person))).ToArray();
        return TryAsync(database => Task.WhenAll(database.HashSetAsync(key, entries), database.KeyExpireAsync(key, expires)));
    }

    /// <summary>Forgets people who left the cell, or hide. No effect while Redis is unavailable; never fails.</summary>
    public Task RemoveAsync(Geohash cell, IReadOnlyCollection<long> userIds)
    {
        var span = CurrentSpan;
        var fields = userIds.Select(userId => (RedisValue)userId).ToArray();
        return TryAsync(database => Task.WhenAll(database.HashDeleteAsync(Key(cell, span), fields), database.HashDeleteAsync(Key(cell, span - 1), fields)));
    }

    /// <summary>Who was last in the cell; some may be inactive by now. Null while Redis is unavailable.</summary>
    public async Task<StrangerLocation[]?> ReadAsync(Geohash cell)
    {
        try
        {
            var span = CurrentSpan;
            var values = await Task.WhenAll(Database.HashValuesAsync(Key(cell, span - 1)), Database.HashValuesAsync(Key(cell, span)));
            return [.. values.SelectMany(found => found).Select(Decode)];
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            CacheTelemetry.Failures.Add(1);
            return null;
        }
    }

    private long CurrentSpan => clock.UnixMilliseconds() / _spanMs;

    private async Task TryAsync(Func<IDatabase, Task> write)
    {
        try
        {
            if (redis.IsConnected)
            {
                await write(Database); // else commands would pile up in memory
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            CacheTelemetry.Failures.Add(1);
        }
    }

    private static RedisKey Key(Geohash cell, long span) => $"cell:{{{cell}}}:{span}";

    private static byte[] Encode(in StrangerLocation person)
    {
        var value = new byte[StrangerLocation.Bytes];
        person.Write(value);
        return value;
    }

    private static StrangerLocation Decode(RedisValue value) => StrangerLocation.Read(((ReadOnlyMemory<byte>)value).Span);
}
