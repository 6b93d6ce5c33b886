using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Places a channel's actor on the silo that <see cref="ActorOwners"/> names, to which messages for it are sent in batches.</summary>
[GenerateSerializer, Immutable]
internal sealed class ChannelPlacement : PlacementStrategy;

/// <summary>Marks actors that <see cref="ChannelPlacement"/> places.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ChannelPlacementAttribute() : PlacementAttribute(new ChannelPlacement());

internal sealed class ChannelPlacementDirector(ActorSilos silos) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var compatible = context.GetCompatibleSilos(target);
        return Task.FromResult(silos.OwnerOf(target.GrainIdentity.Key.ToString()!) is { } owner && compatible.Contains(owner) ? owner : compatible[0]);
    }
}
