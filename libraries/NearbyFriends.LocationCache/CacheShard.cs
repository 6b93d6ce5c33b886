using NearbyFriends.Core;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache;

/// <summary>
/// A part of the location cache, as this process sees it: the server that serves it, and whether that server may have
/// missed that a user hid.
/// </summary>
/// <remarks>
/// A Redis Cluster is one shard: it shares out the keys by itself, and each is read on its own, for no command may name
/// keys of several hash slots. A shard is <see cref="IsDoubtful"/> after its server was away, or was replaced, for as long as a location lives: what it holds may be older
/// than a tombstone that never reached it. Until then the consent of a user is looked up where it is kept for good.
/// </remarks>
public sealed class CacheShard
{
    private static readonly TimeSpan ReplicationPatience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ReplicationPause = TimeSpan.FromMilliseconds(5);

    private readonly TimeProvider _clock;
    private readonly long _doubtMs;
    private readonly bool _isCluster;
    private readonly HashSet<IConnectionMultiplexer> _observed = [];
    private volatile Servers _servers;
    private long _doubtfulUntil;

    /// <param name="name">Of the shard, and of the server that serves it as configuration has it.</param>
    /// <param name="replica">The name of the server that takes its place; null when there is none.</param>
    /// <param name="connection">To the server.</param>
    /// <param name="isCluster">Whether it is a Redis Cluster. Its failovers before this process began are not known, so it begins in doubt.</param>
    /// <param name="locationLifetime">How long a location stays in the cache.</param>
    /// <param name="clock">Tells the time.</param>
    public CacheShard(string name, string? replica, IConnectionMultiplexer connection, bool isCluster, TimeSpan locationLifetime, TimeProvider clock)
    {
        (Name, Replica, _isCluster, _clock, _doubtMs) = (name, replica, isCluster, clock, (long)locationLifetime.TotalMilliseconds);
        _servers = new(name, connection, null);
        Observe(connection);
        if (isCluster)
            Doubt();
    }

    /// <summary>The name of the shard.</summary>
    public string Name { get; }

    /// <summary>The name of the server that takes over when the one of the shard's own name dies; null when there is none.</summary>
    public string? Replica { get; }

    /// <summary>The name of the server that serves it now.</summary>
    public string Server => _servers.Name;

    /// <summary>Where the keys of this shard are.</summary>
    public IDatabase Database => _servers.Primary.GetDatabase();

    /// <summary>Whether a location in it may be one that its user has hidden.</summary>
    public bool IsDoubtful => _clock.UnixMilliseconds() < Volatile.Read(ref _doubtfulUntil);

    /// <summary>The values of these keys in their order, in one round trip; a null for each whose server is away, which is counted.</summary>
    public Task<RedisValue?[]> ReadAsync(RedisKey[] keys) =>
        _isCluster ? Task.WhenAll(Array.ConvertAll(keys, ReadAsync)) : ReadTogetherAsync(keys);

    /// <summary>
    /// Runs a script that answers a number for each of its keys: once for all of them, in a Redis Cluster once for each.
    /// </summary>
    /// <param name="script">Takes as many arguments for one key as for another.</param>
    /// <param name="keys">Of this shard.</param>
    /// <param name="arguments">Those of the first key, then those of the second, and so on.</param>
    /// <exception cref="RedisException">The server is away; counted.</exception>
    public async Task<int[]> RunAsync(string script, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            if (!_isCluster)
                return (int[])(await Database.ScriptEvaluateAsync(script, keys, arguments))!;

            var each = arguments.Length / keys.Length;
            return await Task.WhenAll(keys.Select(async (key, index) =>
                ((int[])(await Database.ScriptEvaluateAsync(script, [key], arguments[(index * each)..((index + 1) * each)]))!)[0]));
        }
        catch (Exception e) when (IsAway(e))
        {
            CountFailure();
            throw;
        }
    }

    /// <summary>
    /// Uses these servers from now on; false when it does already. The new primary may lack what the old one had not passed
    /// on, so it is doubted for as long as a location lives.
    /// </summary>
    /// <param name="name">Of the server that serves the shard.</param>
    /// <param name="primary">The connection to it.</param>
    /// <param name="replica">The connection to the one that follows it.</param>
    /// <param name="since">When it was promoted.</param>
    public bool SwitchTo(string name, IConnectionMultiplexer primary, IConnectionMultiplexer? replica, DateTimeOffset since)
    {
        var before = _servers;
        _servers = new(name, primary, replica);
        if (before.Primary == primary)
            return false;

        Observe(primary);
        Doubt(since.ToUnixTimeMilliseconds());
        _ = LearnRoleAsync(primary);
        return true;
    }

    /// <summary>
    /// Waits until the replica has a value that <paramref name="isThere"/> accepts, 250 ms at most; at once where there is no
    /// replica. Asks the replica, for WAIT would hold up all other calls on the connection.
    /// </summary>
    public async Task AwaitReplicaAsync(RedisKey key, Predicate<RedisValue> isThere)
    {
        if (_servers.Replica is not { } replica)
            return;

        var begun = _clock.GetTimestamp();
        while (_clock.GetElapsedTime(begun) < ReplicationPatience)
        {
            try
            {
                if (isThere(await replica.GetDatabase().StringGetAsync(key, CommandFlags.PreferReplica).WaitAsync(ReplicationPatience, _clock)))
                    return;
            }
            catch (Exception e) when (IsAway(e))
            {
                break;
            }

            await Task.Delay(ReplicationPause, _clock);
        }

        CacheTelemetry.TombstonesNotReplicated.Add(1, new KeyValuePair<string, object?>("server", Name));
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

    // The library asks a server for its role when it connects, and sends no writes to what was a replica then.
    private static async Task LearnRoleAsync(IConnectionMultiplexer promoted)
    {
        try
        {
            await promoted.ConfigureAsync();
        }
        catch (Exception e) when (IsAway(e))
        {
            // asked again when it connects
        }
    }

    private void Observe(IConnectionMultiplexer connection)
    {
        if (!_observed.Add(connection))
            return;

        connection.ConnectionFailed += (_, _) => Doubt(connection);
        connection.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive)
                Doubt(connection); // the time that a location lives begins anew: whatever was hidden meanwhile did not reach the server
        };
    }

    private void CountFailure()
    {
        Doubt();
        CacheTelemetry.Failures.Add(1, new KeyValuePair<string, object?>("server", Server));
    }

    private void Doubt(IConnectionMultiplexer connection)
    {
        if (_servers.Primary == connection)
            Doubt();
    }

    private void Doubt() => Doubt(_clock.UnixMilliseconds());

    private void Doubt(long since) => Volatile.Write(ref _doubtfulUntil, Math.Max(Volatile.Read(ref _doubtfulUntil), since + _doubtMs));

    private sealed record Servers(string Name, IConnectionMultiplexer Primary, IConnectionMultiplexer? Replica);
}
