using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NearbyFriends.Gateway.Draining;

/// <summary>Registers what lets a gateway leave in good order.</summary>
public static class DrainRegistration
{
    public static IServiceCollection AddDraining(this IServiceCollection services)
    {
        services.AddSingleton<Drain>().AddHostedService(provider => provider.GetRequiredService<Drain>());

        // Not ready while it drains: balancers send new connections to the others.
        services.AddHealthChecks().Add(new("draining", provider => new Readiness(provider.GetRequiredService<Drain>()), HealthStatus.Unhealthy, tags: null));
        return services;
    }

    private sealed class Readiness(Drain drain) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(drain.IsDraining ? HealthCheckResult.Unhealthy("This gateway is draining.") : HealthCheckResult.Healthy());
    }
}
