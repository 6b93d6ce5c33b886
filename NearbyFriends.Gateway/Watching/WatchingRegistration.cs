using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Watching;

/// <summary>Registers what this gateway knows of watched users.</summary>
public static class WatchingRegistration
{
    /// <summary>Needs the location cache and a friend source.</summary>
    public static IServiceCollection AddWatching(this IServiceCollection services)
    {
        services.AddSingleton<WatchIndex>();
        services.AddSingleton<DisplayNames>();
        services.AddSingleton<Deliveries>();
        services.AddSingleton<ReadLocations>(provider => provider.GetRequiredService<RedisLocationCache>().ReadAsync);
        services.AddSingleton<WatchedUsers>();
        services.AddSingleton<WatchedSharing>().AddHostedService(provider => provider.GetRequiredService<WatchedSharing>());
        services.AddSingleton<PresenceWheel>().AddHostedService(provider => provider.GetRequiredService<PresenceWheel>());
        return services;
    }
}
