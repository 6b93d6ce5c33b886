using System.Diagnostics.Metrics;

namespace NearbyFriends.LocationCache;

/// <summary>What the location cache counts.</summary>
internal static class CacheTelemetry
{
    private static readonly Meter Meter = new("NearbyFriends.Locations");

    public static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "nearbyfriends.cache.failures", "{call}", "Calls to the location cache that failed or were not answered in time; sharing continues without it.");

    public static readonly KeyValuePair<string, object?> QueueIsFull = new("reason", "queue_full");
    public static readonly KeyValuePair<string, object?> QueueIsUnavailable = new("reason", "queue_unavailable");

    public static readonly Counter<long> NoticesUnqueued = Meter.CreateCounter<long>(
        "nearbyfriends.notices.unqueued", "{notice}", "Alerts and friend requests that could not wait for their delivery, by reason.");
}
