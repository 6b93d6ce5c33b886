using System.Diagnostics.Metrics;

namespace NearbyFriends.LocationCache;

/// <summary>What the location cache counts.</summary>
internal static class CacheTelemetry
{
    private static readonly Meter Meter = new("NearbyFriends.Locations");

    public static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "nearbyfriends.cache.failures", "{call}", "Calls to the location cache that failed or were not answered in time; sharing continues without it.");
}
