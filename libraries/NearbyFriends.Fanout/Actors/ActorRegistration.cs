using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using Orleans.Configuration;
using Orleans.Hosting;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Registers what makes a process a member of the actors' cluster.</summary>
public static class ActorRegistration
{
    private const int MissedProbes = 3;

    /// <summary>
    /// With <c>Fanout:Transport=Actors</c>, makes the process a silo; otherwise nothing. Section <c>Orleans</c> says where it listens
    /// (<c>Endpoints</c>) and where the membership is kept (<c>Clustering</c>).
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="hostsActors">Whether actors live here, as in a gateway; else the process only publishes, as the Api does.</param>
    public static void AddFanoutActors(this IHostApplicationBuilder builder, bool hostsActors)
    {
        if (!new FanoutOptions { Transport = builder.Configuration["Fanout:Transport"] ?? "" }.IsActors)
        {
            return;
        }

        builder.UseOrleans(silo => silo.Configure(hostsActors)); // the first of the hosted services, so that it stops after the others
        builder.Services.AddActors();
        // What Orleans says at start of garbage collection and of its own watchdog is measured otherwise here.
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Orleans.Runtime.Silo", LogLevel.Error).AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
    }

    private static void Configure(this ISiloBuilder silo, bool hostsActors)
    {
        silo.AddGrainService<ActorPost>();
#pragma warning disable ORLEANSEXP003 // experimental; with the default directory a silo that leaves ends the actors whose entries it held
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.Services.AddPlacementDirector<ChannelPlacement, ChannelPlacementDirector>();
        // A channel's actor may begin anew as soon as its silo counts as dead. Should that silo live on for a moment, the channel has two, which
        // pass on the same frames; by default it has none for half a minute.
        silo.Services.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.Zero);
        silo.Services.AddOptions<ClusterMembershipOptions>().Configure<IOptions<FanoutOptions>>(Configure);
        silo.Services.AddOptions<GrainCollectionOptions>().Configure<IOptions<ActorOptions>>((collection, actors) =>
        {
            collection.CollectionAge = actors.Value.IdleAfter;
            collection.CollectionQuantum = actors.Value.RenewEvery;
        });
        silo.Services.PostConfigure<EndpointOptions>(endpoints => endpoints.GatewayPort = 0); // every member is a silo, so there are no clients
        if (!hostsActors)
        {
            silo.Services.PostConfigure<GrainTypeOptions>(types => types.Classes.Remove(typeof(ChannelActor)));
        }
    }

    /// <summary>A silo that misses three probes in a row within <see cref="FanoutOptions.DeadAfter"/> is dead.</summary>
    private static void Configure(ClusterMembershipOptions membership, IOptions<FanoutOptions> fanout)
    {
        membership.NumMissedProbesLimit = MissedProbes;
        membership.ProbeTimeout = fanout.Value.DeadAfter / MissedProbes;
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5); // so that who starts after all others died waits 15 s for them, not minutes
    }

    private static void AddActors(this IServiceCollection services)
    {
        services.AddOptions<ActorOptions>().BindConfiguration(ActorOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<ActorOptions>, ValidateActorOptions>();
        services.AddSingleton<ActorSilos>();
        services.AddSingleton<ActorFeeds>();
        services.AddSingleton<ActorCensus>();
        services.AddSingleton<ActorPostClient>();
        services.AddSingleton<LetterBox>();
        services.AddSingleton<Outboxes>();
        services.AddSingleton<ActorServer>();
        services.AddHostedService(provider => provider.GetRequiredService<ActorSilos>());
        services.AddHostedService<WatchRenewal>();
        services.AddHostedService<ActorLeave>();
    }
}
