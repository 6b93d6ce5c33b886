using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NearbyFriends.LocationCache.Notices;

namespace NearbyFriends.LocationCache;

/// <summary>Registers the location cache.</summary>
public static class LocationRegistration
{
    /// <summary>
    /// Adds <see cref="RedisLocationCache"/>, <see cref="CellMembers"/> and <see cref="PresenceOptions"/>. The connection to Redis must be registered under
    /// the key <see cref="LocationCacheOptions.Server"/>.
    /// </summary>
    public static IServiceCollection AddLocationCache(this IServiceCollection services)
    {
        services.AddOptions<PresenceOptions>().BindConfiguration(PresenceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<LocationCacheOptions>().BindConfiguration(LocationCacheOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RedisLocationCache>();
        services.AddSingleton<CellMembers>();
        services.AddSingleton<NoticeQueue>();
        return services;
    }
}
