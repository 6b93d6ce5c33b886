using System.Diagnostics.Metrics;

namespace NearbyFriends.Core.Locations;

/// <summary>What the location cache counts.</summary>
public static class CacheTelemetry
{
    internal static readonly Meter Meter = new("NearbyFriends.Locations");

    public static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "nearbyfriends.cache.failures", "{call}", "Calls to the location cache that failed, by server; sharing goes on without it.");

    public static readonly Counter<long> Confirmed = Meter.CreateCounter<long>(
        "nearbyfriends.cache.confirmed", "{location}",
        "Cached locations whose consent was looked up in the database, because their server may have missed that its user hid.");
}
