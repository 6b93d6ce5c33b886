using System.Text.Json;
using NearbyFriends.LocationCache;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Operations;

/// <summary>
/// The gateways that live, in the location cache's Redis: each writes its state once a second and is forgotten
/// <see cref="Lifetime"/> after the last time. Operators leave their wishes here too, so that it does not matter which
/// replica they talk to, nor whether replicas can reach each other.
/// </summary>
/// <remarks>
/// <c>gateway:{id}</c> is one gateway's state, for who knows the id. All of them are one hash, so that listing them is
/// one round trip to one shard, and its entries expire by Redis's clock, so that the gateways' own need not agree. The
/// braces keep it and the set of wishes in one slot of a Redis Cluster.
/// </remarks>
public sealed class GatewayDirectory([FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis)
{
    /// <summary>For how long a gateway is listed after its last word.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    // The state stands behind ten digits: the Unix second at which it expires.
    private const string BeatScript = """
        local ends = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[3])
        redis.call('HSET', KEYS[1], ARGV[1], string.format('%010d', ends) .. ARGV[2])
        return redis.call('SISMEMBER', KEYS[2], ARGV[1])
        """;

    private const string ListScript = """
        local now = tonumber(redis.call('TIME')[1])
        local entries, alive = redis.call('HGETALL', KEYS[1]), {}
        for i = 1, #entries, 2 do
          if tonumber(string.sub(entries[i + 1], 1, 10)) > now then
            alive[#alive + 1] = string.sub(entries[i + 1], 11)
          else
            redis.call('HDEL', KEYS[1], entries[i])
            redis.call('SREM', KEYS[2], entries[i])
          end
        end
        return alive
        """;

    private const string WishScript = """
        local entry = redis.call('HGET', KEYS[1], ARGV[1])
        if not entry or tonumber(string.sub(entry, 1, 10)) <= tonumber(redis.call('TIME')[1]) then return 0 end
        redis.call(ARGV[2], KEYS[2], ARGV[1])
        return 1
        """;

    private static readonly RedisKey[] Keys = ["{gateways}:alive", "{gateways}:drain"];

    private IDatabase Database => redis.GetDatabase();

    /// <summary>Lists this gateway for another <see cref="Lifetime"/>; says whether an operator wants it to drain.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<bool> BeatAsync(GatewayState state)
    {
        var text = JsonSerializer.Serialize(state, JsonSerializerOptions.Web);
        var own = Database.StringSetAsync(KeyOf(state.Id), text, Lifetime);
        var wish = await Database.ScriptEvaluateAsync(BeatScript, Keys, [state.Id, text, (long)Lifetime.TotalSeconds]);
        await own;
        return (bool)wish;
    }

    /// <summary>Takes a gateway that stops off the list, and the wishes about it.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public Task LeaveAsync(string id) => Task.WhenAll(
        Database.KeyDeleteAsync(KeyOf(id)), Database.HashDeleteAsync(Keys[0], id), Database.SetRemoveAsync(Keys[1], id));

    /// <summary>The gateways that live, by id.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<IReadOnlyList<GatewayState>> ListAsync()
    {
        var states = (RedisValue[]?)await Database.ScriptEvaluateAsync(ListScript, Keys);
        return (states ?? [])
            .Select(text => JsonSerializer.Deserialize<GatewayState>(text.ToString(), JsonSerializerOptions.Web)!)
            .OrderBy(state => state.Id, StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>Has a gateway drain, or stop draining, within a second; false when there is none of this id.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<bool> WishAsync(string id, bool drain) =>
        (bool)await Database.ScriptEvaluateAsync(WishScript, Keys, [id, drain ? "SADD" : "SREM"]);

    private static string KeyOf(string id) => $"gateway:{id}";
}
