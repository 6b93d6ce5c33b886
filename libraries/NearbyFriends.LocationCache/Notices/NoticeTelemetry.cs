using System.Diagnostics.Metrics;

namespace NearbyFriends.LocationCache.Notices;

/// <summary>What the queue of notices counts.</summary>
internal static class NoticeTelemetry
{
    public static readonly KeyValuePair<string, object?> QueueIsFull = new("reason", "queue_full");
    public static readonly KeyValuePair<string, object?> QueueIsUnavailable = new("reason", "queue_unavailable");
    public static readonly KeyValuePair<string, object?> EntryIsUnreadable = new("reason", "unreadable");

    private static readonly Meter Meter = new("NearbyFriends.Notices");

    public static readonly Counter<long> Unqueued = Meter.CreateCounter<long>(
        "nearbyfriends.notices.unqueued", "{notice}", "Alerts and friend requests that could not wait for their delivery, by reason.");
}
