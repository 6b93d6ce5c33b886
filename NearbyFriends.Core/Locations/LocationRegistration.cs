using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace NearbyFriends.Core.Locations;

/// <summary>Registers the location cache.</summary>
public static class LocationRegistration
{
    /// <summary>The name of the cache's connection.</summary>
    public const string ConnectionName = "location-cache";

    /// <summary>Adds <see cref="LocationCache"/> on the keyed connection <c>location-cache</c>, and <see cref="PresenceOptions"/>.</summary>
    public static IServiceCollection AddLocationCache(this IServiceCollection services)
    {
        services.AddOptions<PresenceOptions>().BindConfiguration(PresenceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new LocationCache(
            provider.GetRequiredKeyedService<IConnectionMultiplexer>(ConnectionName),
            provider.GetRequiredService<IOptions<PresenceOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
