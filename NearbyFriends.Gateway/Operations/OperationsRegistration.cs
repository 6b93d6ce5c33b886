using NearbyFriends.Gateway.Telemetry;

namespace NearbyFriends.Gateway.Operations;

/// <summary>Registers what makes a gateway known to its peers and to operators.</summary>
public static class OperationsRegistration
{
    /// <summary>Needs sessions and draining.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<LiveFigures>();

        // What a body lacks is the caller's fault, in every environment, and nobody's exception.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.ConfigureHttpJsonOptions(options =>
            (options.SerializerOptions.RespectNullableAnnotations, options.SerializerOptions.RespectRequiredConstructorParameters) = (true, true));
        services.AddSingleton<GatewayDirectory>();
        services.AddSingleton<ServerLoads>();
        services.AddHostedService<GatewayHeartbeat>();
        return services;
    }
}
