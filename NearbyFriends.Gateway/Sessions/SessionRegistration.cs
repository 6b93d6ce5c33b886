using NearbyFriends.Fanout.Channels;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>Registers the gateway's sessions and what serves them.</summary>
public static class SessionRegistration
{
    /// <summary>Needs the location cache, the fan-out, the history appender and a friend source.</summary>
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<WatchIndex>();
        services.AddSingleton<DisplayNames>();
        services.AddSingleton<SessionContext>();
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<WatchedUsers>();
        services.AddSingleton<FrameReceiver>();
        services.AddSingleton<LocationReceiver>();
        services.AddSingleton<LocationWriter>().AddHostedService(provider => provider.GetRequiredService<LocationWriter>());
        services.AddSingleton<PostedLocationLimit>();
        services.AddSingleton<FlushWheel>().AddHostedService(provider => provider.GetRequiredService<FlushWheel>());
        services.AddSingleton<PresenceWheel>().AddHostedService(provider => provider.GetRequiredService<PresenceWheel>());
        services.AddHostedService<SessionSweeper>();
        services.AddHostedService<MemoryTrim>();
        return services;
    }

    /// <summary>Hands the frames of the pub/sub servers to the sessions.</summary>
    public static void ReceiveFrames(this WebApplication app) =>
        app.Services.GetRequiredService<FanoutSubscriber>().OnFrame(app.Services.GetRequiredService<FrameReceiver>().Receive);
}
