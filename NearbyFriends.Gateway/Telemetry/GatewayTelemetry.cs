using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace NearbyFriends.Gateway.Telemetry;

/// <summary>What a gateway measures.</summary>
internal static class GatewayTelemetry
{
    public static readonly ActivitySource Activities = new("NearbyFriends.Gateway");

    /// <summary>The span in which a gateway tells an update to those who watch the user.</summary>
    public const string Delivery = "deliver to watchers";

    public static readonly Meter Meter = new("NearbyFriends.Gateway");

    public static readonly KeyValuePair<string, object?> ToOutbox = new("stage", "outbox");
    public static readonly KeyValuePair<string, object?> ToSocket = new("stage", "socket");

    public static readonly Histogram<double> FanoutLatency = Meter.CreateHistogram<double>(
        "nearbyfriends.fanout.latency", "s",
        "From the receipt of an update by the first gateway to the outboxes of its watchers (stage outbox), or to the socket that took it (stage socket; the oldest update of each message).");

    public static readonly Counter<long> Updates = Meter.CreateCounter<long>(
        "nearbyfriends.updates", "{update}", "Locations accepted from clients.");

    public static readonly Counter<long> Deliveries = Meter.CreateCounter<long>(
        "nearbyfriends.deliveries", "{update}", "Friend updates that went into an outbox.");

    public static readonly Counter<long> Filtered = Meter.CreateCounter<long>(
        "nearbyfriends.filtered", "{update}", "Friend updates that a watcher was not told, being too far away.");

    public static readonly Counter<long> Messages = Meter.CreateCounter<long>(
        "nearbyfriends.messages.sent", "{message}", "Messages that sockets took.");

    public static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "nearbyfriends.errors", "{error}", "Errors that clients were answered, by code.");

    public static readonly Counter<long> Closed = Meter.CreateCounter<long>(
        "nearbyfriends.sessions.closed", "{session}", "Sessions that ended, by close code.");

    /// <summary>A span from now until the socket took the update that is being delivered; null where that is not traced.</summary>
    public static Activity? TraceOutbox()
    {
        var delivery = Activity.Current;
        if (delivery is not { Recorded: true, OperationName: Delivery })
        {
            return null;
        }

        var outbox = Activities.StartActivity("outbox to socket", ActivityKind.Producer, delivery.Context);
        Activity.Current = delivery; // it ends elsewhere
        return outbox;
    }
}
