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
}
