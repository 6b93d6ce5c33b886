using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>The actor of one channel, whose key is the channel's name.</summary>
[Alias("NearbyFriends.Fanout.IChannelActor")]
public interface IChannelActor : IGrainWithStringKey
{
    /// <summary>Passes a frame on to all gateways that watch the channel.</summary>
    [Alias("Publish"), OneWay]
    Task PublishAsync(Immutable<byte[]> frame);

    /// <summary>Adds a gateway, or renews it.</summary>
    /// <param name="gateway">The silo of the gateway.</param>
    /// <param name="subscription">A number that grows with each subscription of the gateway.</param>
    [Alias("Watch")]
    Task WatchAsync(SiloAddress gateway, long subscription);

    /// <summary>Removes a gateway, unless it has subscribed anew since.</summary>
    /// <param name="gateway">The silo of the gateway.</param>
    /// <param name="subscription">The subscription that ends.</param>
    [Alias("Unwatch"), OneWay]
    Task UnwatchAsync(SiloAddress gateway, long subscription);

    /// <summary>The gateways that watch the channel.</summary>
    [Alias("Gateways")]
    Task<SiloAddress[]> GatewaysAsync();
}
