using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NearbyFriends.ServiceDefaults.Health;

/// <summary>
/// Where orchestrators ask a service how it is, in every environment, without a token. The answer is one word; which
/// check failed and why is in the log.
/// </summary>
public static class HealthEndpoints
{
    /// <summary>Readiness: 200 while the service can do its work (also when degraded), else 503.</summary>
    public const string Readiness = "/health";

    /// <summary>Liveness: 200 as long as the process answers; restarting it would not bring a server back that is away.</summary>
    public const string Liveness = "/alive";

    private const string Live = "live";

    internal static void AddLivenessCheck(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);

    internal static void MapHealthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks(Readiness).AllowAnonymous().DisableHttpMetrics().DisableRateLimiting();
        endpoints.MapHealthChecks(Liveness, new HealthCheckOptions { Predicate = check => check.Tags.Contains(Live) })
            .AllowAnonymous().DisableHttpMetrics().DisableRateLimiting(); // probes get through whatever their neighbours do
    }
}
