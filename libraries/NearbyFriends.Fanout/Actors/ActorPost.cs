using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace NearbyFriends.Fanout.Actors;

/// <summary>What a silo takes from others in batches: one message for many letters, where an actor call would be one for each.</summary>
[Alias("NearbyFriends.Fanout.IActorPost")]
internal interface IActorPost : IGrainService
{
    /// <summary>Takes letters; the answer asks for the next, so that there are more in each message the more there is to send.</summary>
    [Alias("Take")]
    Task TakeAsync(SiloAddress sender, Letter[] letters);

    /// <summary>Watches channels for a gateway; ends when all their actors have taken it.</summary>
    [Alias("Watch")]
    Task WatchAsync(SiloAddress gateway, Subscription[] subscriptions);

    /// <summary>Takes it from a silo that it will stop, and that its actors belong elsewhere.</summary>
    [Alias("Leave")]
    Task LeaveAsync(SiloAddress silo);
}

/// <summary>The post of this silo.</summary>
internal sealed class ActorPost(GrainId id, Silo silo, ILoggerFactory loggers, LetterBox box, ActorSilos silos) : GrainService(id, silo, loggers), IActorPost
{
    // Off this service's own scheduler, which would take the letters of all senders in turn; those of one sender stay in order,
    // because it awaits the answer.
    public Task TakeAsync(SiloAddress sender, Letter[] letters) => Task.Run(() => box.Take(sender, letters));

    public Task WatchAsync(SiloAddress gateway, Subscription[] subscriptions) => box.WatchAsync(gateway, subscriptions);

    public Task LeaveAsync(SiloAddress silo)
    {
        silos.Leave(silo);
        return Task.CompletedTask;
    }
}

/// <summary>Reaches the post of each silo.</summary>
internal sealed class ActorPostClient(IServiceProvider services) : GrainServiceClient<IActorPost>(services)
{
    /// <summary>The post of a silo.</summary>
    public IActorPost Of(SiloAddress silo) => GetGrainService(silo);
}
