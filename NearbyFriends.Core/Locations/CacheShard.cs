using StackExchange.Redis;

namespace NearbyFriends.Core.Locations;

/// <summary>
/// A part of the location cache, as this process sees it: the server that holds it, and whether that server may have
/// missed that a user hid.
/// </summary>
/// <remarks>
/// A Redis Cluster is one shard: it shares out the keys by itself, and each is read on its own, for no command may name
/// keys of several hash slots. A server is <see cref="IsDoubtful"/> after it was away, for as long as a location lives: what it holds may be older
/// than a tombstone that never reached it. Until then the consent of a user is looked up where it is kept for good.
/// </remarks>
public sealed class CacheShard
{
    private readonly TimeProvider _clock;
    private readonly long _doubtMs;
    private readonly IConnectionMultiplexer _connection;
    private readonly bool _isCluster;
    private long _doubtfulUntil;

    /// <param name="name">Of the server.</param>
    /// <param name="connection">To it.</param>
    /// <param name="isCluster">Whether it is a Redis Cluster. Its failovers before this process began are not known, so it begins in doubt.</param>
    /// <param name="locationLifetime">How long a location stays in the cache.</param>
    /// <param name="clock">Tells the time.</param>
    public CacheShard(string name, IConnectionMultiplexer connection, bool isCluster, TimeSpan locationLifetime, TimeProvider clock)
    {
        (Name, _connection, _isCluster, _clock, _doubtMs) = (name, connection, isCluster, clock, (long)locationLifetime.TotalMilliseconds);
        if (isCluster)
            Doubt();

        connection.ConnectionFailed += (_, _) => Doubt();
        connection.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive)
                Doubt(); // the time that a location lives begins anew: whatever was hidden meanwhile did not reach the server
        };
    }

    /// <summary>The name of the server.</summary>
    public string Name { get; }

    /// <summary>Where the keys of this shard are.</summary>
    public IDatabase Database => _connection.GetDatabase();

    /// <summary>Whether a location in it may be one that its user has hidden.</summary>
    public bool IsDoubtful => _clock.UnixMilliseconds() < Volatile.Read(ref _doubtfulUntil);

    /// <summary>The values of these keys in their order, in one round trip; a null for each whose server is away, which is counted.</summary>
    public Task<RedisValue?[]> ReadAsync(RedisKey[] keys) =>
        _isCluster ? Task.WhenAll(Array.ConvertAll(keys, ReadAsync)) : ReadTogetherAsync(keys);

    /// <summary>Runs a script on one key.</summary>
    /// <exception cref="RedisException">The server is away; counted.</exception>
    public async Task<RedisResult> RunAsync(string script, RedisKey key, params RedisValue[] arguments)
    {
        try
        {
            return await Database.ScriptEvaluateAsync(script, [key], arguments);
        }
        catch (Exception e) when (IsAway(e))
        {
            CountFailure();
            throw;
        }
    }

    /// <summary>Whether this is how a call to a server that is away ends.</summary>
    public static bool IsAway(Exception exception) => exception is RedisException or TimeoutException;

    private async Task<RedisValue?> ReadAsync(RedisKey key)
    {
        try
        {
            return await Database.StringGetAsync(key);
        }
        catch (Exception e) when (IsAway(e))
        {
            CountFailure();
            return null;
        }
    }

    private async Task<RedisValue?[]> ReadTogetherAsync(RedisKey[] keys)
    {
        try
        {
            return Array.ConvertAll(await Database.StringGetAsync(keys), value => (RedisValue?)value);
        }
        catch (Exception e) when (IsAway(e))
        {
            CountFailure();
            return new RedisValue?[keys.Length];
        }
    }

    private void CountFailure()
    {
        Doubt();
        CacheTelemetry.Failures.Add(1, new KeyValuePair<string, object?>("server", Name));
    }

    private void Doubt() => Volatile.Write(ref _doubtfulUntil, _clock.UnixMilliseconds() + _doubtMs);
}
