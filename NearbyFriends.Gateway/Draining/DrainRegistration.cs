namespace NearbyFriends.Gateway.Draining;

/// <summary>Registers what makes a gateway known to its peers, and lets it leave in good order.</summary>
public static class DrainRegistration
{
    public static IServiceCollection AddDraining(this IServiceCollection services)
    {
        services.AddSingleton<Drain>().AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddHostedService<GatewayHeartbeat>();
        return services;
    }
}
