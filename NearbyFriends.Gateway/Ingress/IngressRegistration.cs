using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.LocationCache;

namespace NearbyFriends.Gateway.Ingress;

/// <summary>Registers the way of locations into the system.</summary>
public static class IngressRegistration
{
    /// <summary>Needs the location cache, the fan-out, the history appender and what watches users.</summary>
    public static IServiceCollection AddIngress(this IServiceCollection services)
    {
        services.AddOptions<FanoutOptions>().PostConfigure<IConfiguration, IOptions<GatewayOptions>>((fanout, configuration, gateway) =>
        {
            if (configuration[$"{FanoutOptions.Section}:{nameof(FanoutOptions.FrameWindow)}"] is null)
            {
                fanout.FrameWindow = gateway.Value.Tick;
            }
        });
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
