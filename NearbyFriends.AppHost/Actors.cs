using Aspire.Hosting.Orleans;
using NearbyFriends.AppHost.Servers;

namespace NearbyFriends.AppHost;

/// <summary>The cluster of gateways and Apis that carries the fan-out with <c>Fanout:Transport=Actors</c>.</summary>
/// <param name="Cluster">What every member is told.</param>
/// <param name="Membership">The Redis in which members find each other. Emptied while they run, it would part old members from new ones.</param>
internal sealed record Actors(OrleansService Cluster, IResourceBuilder<IResourceWithConnectionString> Membership);

internal static class ActorExtensions
{
    /// <summary>The cluster; null with another transport.</summary>
    public static Actors? AddActors(this IDistributedApplicationBuilder builder, IServers servers)
    {
        if (!string.Equals(builder.Configuration["Fanout:Transport"], "Actors", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // What is on disk outlives the server's restart; the system's stop ends it.
        var membership = servers.AddRedis("membership", keepData: false, "--appendonly", "yes").WithOrleansProviderType("Redis");
        var cluster = builder.AddOrleans("actors").WithClustering(membership);
        cluster.EnableDistributedTracing = false; // an update's spans are our own
        return new(cluster, membership);
    }

    /// <summary>Is a member of the cluster, if there is one.</summary>
    public static IResourceBuilder<ProjectResource> WithActors(this IResourceBuilder<ProjectResource> service, Actors? actors)
    {
        if (actors is null)
        {
            return service;
        }

        service.WithReference(actors.Cluster).WaitFor(actors.Membership);
        return service.ApplicationBuilder.ExecutionContext.IsRunMode
            ? service.WithEnvironment("Orleans__Endpoints__AdvertisedIPAddress", "127.0.0.1") // whatever address the machine has, and whether it has one
            : service;
    }
}
