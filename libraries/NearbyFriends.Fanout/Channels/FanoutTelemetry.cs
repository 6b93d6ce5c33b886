using System.Diagnostics.Metrics;

namespace NearbyFriends.Fanout.Channels;

/// <summary>What publishing and subscribing count.</summary>
public static class FanoutTelemetry
{
    private static readonly Meter Meter = new("NearbyFriends.Fanout");

    public static readonly Counter<long> FramesPublished = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.frames.published", "{frame}", "Frames handed to a pub/sub server.");

    public static readonly Counter<long> FramesLost = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.frames.lost", "{frame}", "Frames whose pub/sub server was away: a queued location is a stale one.");

    public static readonly Counter<long> EntriesPublished = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.entries.published", "{entry}", "Entries of published frames.");

    public static readonly Counter<long> FramesReceived = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.frames.received", "{frame}", "Frames that arrived from a pub/sub server.");

    public static readonly Counter<long> FramesMalformed = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.frames.malformed", "{frame}", "Frames of an unknown format, dropped.");

    public static readonly Counter<long> ClusterAsked = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.cluster.asked", "{question}", "Times that the nodes of the Redis Cluster were asked who serves what, because something went wrong there.");

    public static readonly Counter<long> SubscriptionsFailed = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.subscriptions.failed", "{subscription}", "Subscriptions not confirmed at once; they are made when the server returns.");
}
