namespace NearbyFriends.Gateway.Operations;

/// <summary>Registers what makes a gateway known to its peers and to operators.</summary>
public static class OperationsRegistration
{
    /// <summary>Needs sessions and draining.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<LiveFigures>();
        services.AddSingleton<GatewayDirectory>();
        services.AddHostedService<GatewayHeartbeat>();
        return services;
    }
}
