using System.Diagnostics.Metrics;

namespace NearbyFriends.LocationCache;

/// <summary>What the location cache counts.</summary>
public static class CacheTelemetry
{
    internal static readonly Meter Meter = new("NearbyFriends.Locations");

    public static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "nearbyfriends.cache.failures", "{call}", "Calls to the location cache that failed, by server; sharing goes on without it.");

    public static readonly Counter<long> FailedOver = Meter.CreateCounter<long>(
        "nearbyfriends.cache.failed_over", "{server}", "Servers of the location cache that this process, leading, found dead and had replaced by their replicas.");

    public static readonly Counter<long> TombstonesNotReplicated = Meter.CreateCounter<long>(
        "nearbyfriends.cache.tombstones.not_replicated", "{tombstone}", "Tombstones that no replica had after 250 ms: a failover just then would lose them.");

    public static readonly Counter<long> Confirmed = Meter.CreateCounter<long>(
        "nearbyfriends.cache.confirmed", "{location}",
        "Cached locations whose consent was looked up in the database, because their server may have missed that its user hid.");
}
