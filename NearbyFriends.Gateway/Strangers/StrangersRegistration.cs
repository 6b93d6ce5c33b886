using NearbyFriends.Gateway.Ingress;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>Registers strangers nearby.</summary>
public static class StrangersRegistration
{
    /// <summary>
    /// Needs the location cache, the fan-out, a friend source and what watches users. To be called before the ingress is added: its sink
    /// must see a location before the user's own sessions do.
    /// </summary>
    public static IServiceCollection AddStrangers(this IServiceCollection services)
    {
        services.AddOptions<StrangerOptions>().BindConfiguration(StrangerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Snapping>();
        services.AddSingleton<Pseudonyms>();
        services.AddSingleton<StrangerMap>();
        services.AddSingleton<ReadCell>(provider => provider.GetRequiredService<CellMembers>().ReadAsync);
        services.AddSingleton<WatchedCells>();
        services.AddSingleton<StrangerNames>();
        services.AddSingleton<StrangerContext>();
        services.AddSingleton<StrangersNearby>();
        services.AddSingleton<StrangerLooks>().AddHostedService(provider => provider.GetRequiredService<StrangerLooks>());
        services.AddSingleton<CellPublisher>().AddHostedService(provider => provider.GetRequiredService<CellPublisher>());
        services.AddSingleton<ILocationSink>(provider => provider.GetRequiredService<CellPublisher>());
        return services;
    }
}
