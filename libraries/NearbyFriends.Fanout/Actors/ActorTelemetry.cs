using System.Diagnostics.Metrics;

namespace NearbyFriends.Fanout.Actors;

/// <summary>What the actors of this process count.</summary>
internal static class ActorTelemetry
{
    private static readonly Meter Meter = new("NearbyFriends.Fanout");

    public static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>(
        "nearbyfriends.fanout.actors", "{actor}", "Actors in memory: one for each channel that a gateway watched or published to lately.");

    public static readonly Counter<long> Activations = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.actors.activated", "{actor}", "Actors that began to live here, moved ones included.");

    public static readonly Counter<long> Forwarded = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.actors.forwarded", "{frame}", "Frames that actors passed on to the gateways that watch them.");

    public static readonly Counter<long> Expired = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.actors.expired", "{subscription}", "Gateways that actors forgot because they did not renew.");

    public static readonly Counter<long> Messages = Meter.CreateCounter<long>(
        "nearbyfriends.fanout.actors.messages", "{message}", "Messages to other silos, each with many frames.");
}
