using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace NearbyFriends.Core.Fanout;

/// <summary>Registers what a service needs to publish entries, or to receive them.</summary>
public static class FanoutRegistration
{
    /// <summary>
    /// Adds <see cref="FanoutPublisher"/> and <see cref="FanoutSubscriber"/>. The pub/sub servers, or the cluster, that
    /// section <c>Fanout</c> names must be registered as keyed connections.
    /// </summary>
    public static IServiceCollection AddFanout(this IServiceCollection services)
    {
        services.AddOptions<FanoutOptions>().BindConfiguration(FanoutOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<FanoutOptions>, ValidateFanoutOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PubSubServers>();
        services.AddSingleton<RingRoutes>();
        services.AddSingleton<IFanoutRoutes>(provider => provider.GetRequiredService<IOptions<FanoutOptions>>().Value is { IsCluster: true } options
            ? new ClusterRoutes(
                provider.GetRequiredKeyedService<IConnectionMultiplexer>(options.Cluster), ChannelScheme.TryParse(options.Channels)!,
                provider.GetRequiredService<TimeProvider>())
            : provider.GetRequiredService<RingRoutes>());
        services.AddSingleton<FanoutSubscriber>();
        services.AddSingleton<FanoutPublisher>();
        services.AddHostedService(provider => provider.GetRequiredService<FanoutPublisher>());
        services.AddHostedService<ClusterWatch>();
        return services;
    }
}
