using NearbyFriends.Core;
using NearbyFriends.LocationCache;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Alerts;

/// <summary>
/// The <see cref="Approach"/> of each user and friend that an alert is about, in the location cache's Redis: it outlives sessions and
/// gateways, and of several gateways that see the same approach one tells it.
/// </summary>
/// <remarks>
/// <c>alert:{user}:{friend}</c> is replaced only if it is still what was read. It expires when it has not been looked at for the cooldown
/// and <see cref="UnseenAfter"/>: the friend counts as not seen then. Costs: two round trips when a friend enters another range.
/// If Redis loses it, the friend is <see cref="Approach.Unseen"/> and may be told of once more.
/// </remarks>
public sealed class Approaches([FromKeyedServices(LocationCacheOptions.Server)] IConnectionMultiplexer redis, TimeProvider clock)
{
    /// <summary>How long, beyond the cooldown, a friend who is not seen counts as where it was.</summary>
    public static readonly TimeSpan UnseenAfter = TimeSpan.FromHours(2);

    private const int Attempts = 5;

    // ARGV: what was read ('' for nothing), what it becomes, and for how many milliseconds.
    private const string ReplaceScript = """
        if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    /// <summary>A friend of the user is in a range now; what is to be told, by this caller and no other, or null.</summary>
    /// <exception cref="RedisException">Redis is unavailable.</exception>
    public async Task<Telling?> EnterAsync(long userId, long friendId, Proximity proximity, TimeSpan cooldown)
    {
        RedisKey key = $"alert:{UserId.Format(userId)}:{UserId.Format(friendId)}";
        var lifetime = (long)(cooldown + UnseenAfter).TotalMilliseconds;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = (await redis.GetDatabase().StringGetAsync(key)).ToString();
            var now = clock.UnixMilliseconds();
            var (next, isTold) = (Approach.Parse(before) ?? Approach.Unseen).Enter(proximity, now, cooldown);
            if (await ReplaceAsync(key, before, next.ToString(), lifetime))
            {
                return isTold ? new(now, () => ReplaceAsync(key, next.ToString(), before, lifetime)) : null;
            }
        }

        return null; // others keep replacing it: they told, or tell
    }

    private async Task<bool> ReplaceAsync(RedisKey key, string before, string next, long lifetime) =>
        (int)await redis.GetDatabase().ScriptEvaluateAsync(ReplaceScript, [key], [before, next, lifetime]) == 1;

    /// <summary>An approach that counts as told from now on.</summary>
    /// <param name="Time">Of the alert, Unix milliseconds.</param>
    /// <param name="TakeBackAsync">It was not told after all: the friend is where it was before, unless somebody has seen it elsewhere.</param>
    public sealed record Telling(long Time, Func<Task> TakeBackAsync);
}
