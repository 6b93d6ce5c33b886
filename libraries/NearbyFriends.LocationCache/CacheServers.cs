using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Ring;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache;

/// <summary>
/// Finds the Redis that holds a key of the location cache: independent servers share the users out by consistent
/// hashing, as the pub/sub servers share the channels.
/// </summary>
/// <remarks>
/// A table of <see cref="Slots"/> slots, not a search on the ring, finds a user's server; whatever belongs to a user
/// lies where its location lies. With one server, or a Redis Cluster, there is nothing to find.
/// </remarks>
public sealed class CacheServers
{
    /// <summary>Slots that the ring places on servers: enough for 64 servers to differ by a few percent.</summary>
    public const int Slots = 4096;

    private readonly CacheShard[] _shardOfSlot;

    /// <param name="options">Name the servers.</param>
    /// <param name="fanout">Say whether a Redis Cluster holds the cache, in place of them.</param>
    /// <param name="connection">The connection to a server, by its name.</param>
    /// <param name="presence">Say how long a location lives.</param>
    /// <param name="clock">Tells the time.</param>
    public CacheServers(
        IOptions<LocationCacheOptions> options, IOptions<FanoutOptions> fanout, Func<string, IConnectionMultiplexer> connection,
        IOptions<PresenceOptions> presence, TimeProvider clock)
    {
        var isCluster = fanout.Value.IsCluster;
        var names = isCluster ? [fanout.Value.Cluster] : options.Value.Shards;
        Shards = [.. names.Select((name, index) => new CacheShard(
            name, isCluster ? null : options.Value.ReplicaOf(index), connection(name), isCluster, presence.Value.InactiveAfter, clock))];
        var byName = Shards.ToDictionary(shard => shard.Name, StringComparer.Ordinal);
        var ring = HashRing.Of(byName.Keys, Slots);
        _shardOfSlot = [.. Enumerable.Range(0, Slots).Select(slot => byName[ring.ServerOf(slot)])];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<CacheShard> Shards { get; }

    /// <summary>Where the entries of a user are.</summary>
    public CacheShard Of(long userId) => _shardOfSlot[StableHash.ToRange(StableHash.Of(userId), Slots)];

    /// <summary>Where an entry is that belongs to no user.</summary>
    public CacheShard Of(string key) => Shards.Count == 1 ? Shards[0] : _shardOfSlot[StableHash.ToRange(StableHash.Of(key), Slots)];
}
