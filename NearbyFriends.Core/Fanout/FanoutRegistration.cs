using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace NearbyFriends.Core.Fanout;

/// <summary>Registers what a service needs to publish entries, or to receive them.</summary>
public static class FanoutRegistration
{
    /// <summary>
    /// Adds <see cref="FanoutPublisher"/> and <see cref="FanoutSubscriber"/>. The pub/sub servers that section
    /// <c>Fanout</c> names must be registered as keyed connections.
    /// </summary>
    public static IServiceCollection AddFanout(this IServiceCollection services)
    {
        services.AddOptions<FanoutOptions>().BindConfiguration(FanoutOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<FanoutOptions>, ValidateFanoutOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PubSubServers>();
        services.AddSingleton<RingRoutes>();
        services.AddSingleton<IFanoutRoutes>(provider => provider.GetRequiredService<RingRoutes>());
        services.AddSingleton<FanoutSubscriber>();
        services.AddSingleton<FanoutPublisher>();
        services.AddHostedService(provider => provider.GetRequiredService<FanoutPublisher>());
        return services;
    }
}
