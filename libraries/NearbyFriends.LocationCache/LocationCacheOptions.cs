using System.ComponentModel.DataAnnotations;

namespace NearbyFriends.LocationCache;

/// <summary>Configuration section <c>LocationCache</c>: the Redis that holds the location cache.</summary>
public sealed record LocationCacheOptions
{
    public const string Section = "LocationCache";

    /// <summary>The name of its connection string, and the key of its connection.</summary>
    public const string Server = "location-cache";

    /// <summary>
    /// Whether it is a Redis Cluster, some of whose nodes the connection string lists; default false: one server. The cluster
    /// may be the one of <c>Fanout:Transport=Cluster</c>: give both names the same connection string.
    /// </summary>
    public bool Cluster { get; init; }

    /// <summary>How long an update waits for the cache before friends are told of it all the same: long for a healthy server, hardly noticed by a watcher.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:03", ErrorMessage = "LocationCache:WritePatience must lie between 00:00:00.010 and 00:00:03.")]
    public TimeSpan WritePatience { get; init; } = TimeSpan.FromMilliseconds(100);
}
