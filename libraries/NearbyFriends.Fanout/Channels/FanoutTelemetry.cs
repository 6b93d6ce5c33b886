using System.Diagnostics;
using System.Diagnostics.Metrics;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>What publishing and subscribing count.</summary>
public static class FanoutTelemetry
{
    private static readonly Meter Meter = new("NearbyFriends.Fanout");
    private static readonly ActivitySource Activities = new("NearbyFriends.Fanout");

    public static readonly Counter<long> FramesPublished = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.frames.published", "{frame}", "Frames handed to a pub/sub server.");

    public static readonly Counter<long> FramesLost = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.frames.lost", "{frame}", "Frames whose pub/sub server was unavailable: a queued location is a stale one.");

    public static readonly Counter<long> EntriesPublished = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.entries.published", "{entry}", "Entries of published frames.");

    public static readonly Counter<long> EntriesRefused = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.entries.refused", "{entry}", "Entries that no frame has room for, or whose values cannot be, dropped.");

    public static readonly Counter<long> EntriesUnknown = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.entries.unknown", "{entry}", "Entries about watched users of a kind that only newer gateways know, ignored.");

    public static readonly Counter<long> FramesReceived = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.frames.received", "{frame}", "Frames that arrived from a pub/sub server.");

    public static readonly Counter<long> FramesMalformed = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.frames.malformed", "{frame}", "Frames of an unknown format, dropped.");

    public static readonly Counter<long> ClusterAsked = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.cluster.asked", "{question}", "Times that the nodes of the Redis Cluster were asked who serves what, because something went wrong there.");

    public static readonly Counter<long> SubscriptionsFailed = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.subscriptions.failed", "{subscription}", "Subscriptions not confirmed at once; they are made when the server returns.");

    /// <summary>A span that marks when an update left for a pub/sub server; it has no length, for nothing waits for the server.</summary>
    internal static void TracePublish(in ActivityContext update, IChannelServer server, RedisChannel channel)
    {
        var before = Activity.Current;
        using (var publish = Activities.StartActivity("publish frame", ActivityKind.Producer, update))
        {
            publish?.SetTag("messaging.system", "redis").SetTag("messaging.destination.name", channel.ToString())
                .SetTag("server.address", server.Address);
        }

        Activity.Current = before;
    }
}
