using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>Registers the way of locations into the system.</summary>
public static class IngressRegistration
{
    /// <summary>Needs the location cache, the fan-out, the history appender and what watches users.</summary>
    public static IServiceCollection AddIngress(this IServiceCollection services)
    {
        services.AddSingleton<OutlierFilter>();
        services.AddSingleton<LocationCheck>();
        services.AddSingleton<ILocationSink, LocalWatchers>();
        services.AddSingleton<ILocationSink, FrameSink>();
        services.AddSingleton<ILocationSink, HistorySink>();
        services.AddSingleton<WriteLocations>(provider => provider.GetRequiredService<RedisLocationCache>().WriteAsync);
        services.AddSingleton<PostedLocations>();
        services.AddSingleton<LocationIngress>().AddHostedService(provider => provider.GetRequiredService<LocationIngress>());
        return services;
    }
}
