using System.Diagnostics.Metrics;

namespace NearbyFriends.Api.Notices;

/// <summary>What became of alerts and friend requests that no session showed.</summary>
internal static class NoticeTelemetry
{
    private static readonly Meter Meter = new("NearbyFriends.Api");

    public static readonly Counter<long> Shown = Meter.CreateCounter<long>(
        "nearbyfriends.notices.shown", "{notice}", "Notices that a session of the user showed, so that nothing was sent.");

    public static readonly Counter<long> Sent = Meter.CreateCounter<long>(
        "nearbyfriends.notices.sent", "{notice}", "Notices that a push service or the webhook took, by receiver.");

    public static readonly Counter<long> Retried = Meter.CreateCounter<long>(
        "nearbyfriends.notices.retried", "{attempt}", "Attempts that failed and are repeated, by receiver.");

    public static readonly Counter<long> Dropped = Meter.CreateCounter<long>(
        "nearbyfriends.notices.dropped", "{notice}", "Notices that were not sent, by receiver and reason: expired, refused, gone (the browser unsubscribed), withdrawn (it does not hold any more).");

    public static readonly Counter<long> SubscriptionsRemoved = Meter.CreateCounter<long>(
        "nearbyfriends.push.subscriptions.removed", "{subscription}", "Browsers that push services do not know any more (404, 410).");

    public static KeyValuePair<string, object?> To(string receiver) => new("receiver", receiver);

    public static KeyValuePair<string, object?> Because(string reason) => new("reason", reason);
}
