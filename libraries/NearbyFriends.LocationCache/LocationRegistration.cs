using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.LocationCache.Failover;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache;

/// <summary>Registers the location cache.</summary>
public static class LocationRegistration
{
    /// <summary>
    /// Adds <see cref="RedisLocationCache"/>, <see cref="CacheServers"/> and <see cref="PresenceOptions"/>. The servers that section
    /// <c>LocationCache</c> names, or the cluster of section <c>Fanout</c>, must be registered as keyed connections. Needs the
    /// fan-out, whose leader watches over replicas too.
    /// </summary>
    public static IServiceCollection AddLocationCache(this IServiceCollection services)
    {
        services.AddOptions<PresenceOptions>().BindConfiguration(PresenceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<LocationCacheOptions>().BindConfiguration(LocationCacheOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<LocationCacheOptions>, ValidateLocationCacheOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new CacheServers(
            provider.GetRequiredService<IOptions<LocationCacheOptions>>(),
            provider.GetRequiredService<IOptions<FanoutOptions>>(),
            name => provider.GetRequiredKeyedService<IConnectionMultiplexer>(name),
            provider.GetRequiredService<IOptions<PresenceOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RedisLocationCache>();
        services.AddSingleton<CacheReplication>();
        services.AddSingleton<CacheFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<CacheFollower>());
        services.AddHostedService<CacheLeader>();
        return services;
    }
}
