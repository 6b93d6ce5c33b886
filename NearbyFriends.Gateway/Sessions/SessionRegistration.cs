
namespace NearbyFriends.Gateway.Sessions;

/// <summary>Registers the gateway's sessions and what serves them.</summary>
public static class SessionRegistration
{
    /// <summary>Needs the ingress, what watches users, and a friend source.</summary>
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SessionContext>();
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<SessionNotices>();
        services.AddSingleton<FlushWheel>().AddHostedService(provider => provider.GetRequiredService<FlushWheel>());
        services.AddHostedService<SessionSweeper>();
        services.AddHostedService<MemoryTrim>();
        return services;
    }
}
