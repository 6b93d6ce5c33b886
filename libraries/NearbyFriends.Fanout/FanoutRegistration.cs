using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Cluster;
using NearbyFriends.Fanout.Discovery;
using NearbyFriends.Fanout.Ring;
using StackExchange.Redis;

namespace NearbyFriends.Fanout;

/// <summary>Registers what a service needs to publish entries, or to receive them.</summary>
public static class FanoutRegistration
{
    /// <summary>
    /// Adds <see cref="FanoutPublisher"/> and <see cref="FanoutSubscriber"/>. The pub/sub servers, or the cluster, that
    /// section <c>Fanout</c> names must be registered as keyed connections.
    /// </summary>
    /// <param name="services">Of the service.</param>
    /// <param name="kind">What the process is to the others, such as <c>gateway</c>.</param>
    /// <param name="id">Its name among them; by default, its kind and something random.</param>
    public static IServiceCollection AddFanout(this IServiceCollection services, string kind = "service", Func<IServiceProvider, string>? id = null)
    {
        services.AddOptions<FanoutOptions>().BindConfiguration(FanoutOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<FanoutOptions>, ValidateFanoutOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddDiscovery();
        services.AddSingleton(provider => new FanoutProcess(kind, id?.Invoke(provider) ?? $"{kind}-{Guid.NewGuid():N}"));
        services.AddSingleton<PubSubServers>();
        services.AddSingleton(RoutesOf);
        services.AddRing();
        services.AddSingleton<FanoutSubscriber>();
        services.AddSingleton<FanoutPublisher>();
        services.AddHostedService<ClusterWatch>();
        return services;
    }

    private static void AddDiscovery(this IServiceCollection services)
    {
        services.AddOptions<DiscoveryOptions>().BindConfiguration(DiscoveryOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<DiscoveryOptions>, ValidateDiscoveryOptions>();
        services.TryAddSingleton(EtcdOf);
    }

    private static void AddRing(this IServiceCollection services)
    {
        services.AddSingleton<RingRoutes>();
        services.AddSingleton(provider => provider.GetRequiredService<IFanoutRoutes>().Scheme);
        services.AddSingleton<RingState>();
        services.AddSingleton<RingSwitch>();
        services.AddSingleton<RingFollower>();
        services.AddSingleton<ServerProbes>();
        services.AddSingleton<RingAlert>();
        services.AddSingleton<RingChanges>();
        services.AddSingleton<RingReader>();
        services.AddHostedService(provider => provider.GetRequiredService<RingFollower>());
        services.AddHostedService<RingLeader>();
        services.AddHealthChecks().AddCheck<RingHealth>("ring", HealthStatus.Degraded);
    }

    private static IFanoutRoutes RoutesOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<FanoutOptions>>().Value is { IsCluster: true } options
        ? new ClusterRoutes(
            provider.GetRequiredKeyedService<IConnectionMultiplexer>(options.Cluster), ChannelScheme.TryParse(options.Channels)!,
            provider.GetRequiredService<TimeProvider>())
        : provider.GetRequiredService<RingRoutes>();

    /// <summary>
    /// Who can do without etcd asks for it by an optional parameter, which is null without <c>Discovery:Etcd</c>, and where a
    /// cluster does what the ring is for.
    /// </summary>
    private static EtcdClient EtcdOf(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<DiscoveryOptions>>().Value is { IsEnabled: true } options
        && !provider.GetRequiredService<IOptions<FanoutOptions>>().Value.IsCluster
            ? new EtcdClient(options.Endpoints, options.CertificateAuthority)
            : null!;
}
