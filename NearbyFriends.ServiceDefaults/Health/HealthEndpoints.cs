using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NearbyFriends.ServiceDefaults.Health;

/// <summary>
/// Where orchestrators and balancers ask a service how it is, in every environment, without a token. The answer is one
/// word; operators learn which check failed and why.
/// </summary>
public static class HealthEndpoints
{
    /// <summary>
    /// Readiness: 503 while this process is starting or draining, else 200; <c>Degraded</c> while a server that it uses is
    /// unavailable.
    /// </summary>
    public const string Readiness = "/health";

    /// <summary>Liveness: 200 as long as the process answers; restarting it would not bring an unavailable server back.</summary>
    public const string Liveness = "/alive";

    /// <summary>The conditions and checks behind <see cref="Readiness"/>, for operators.</summary>
    public const string Checks = "/health/checks";

    internal static void AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks();
        services.AddSingleton<ServiceHealth>();
        services.AddSingleton<IHealthCheckPublisher>(provider => provider.GetRequiredService<ServiceHealth>());
        services.Configure<HealthCheckPublisherOptions>(options => (options.Delay, options.Period) = (TimeSpan.Zero, ServiceHealth.CheckEvery));
    }

    internal static void MapHealthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var probes = endpoints.MapGroup("").AllowAnonymous().DisableHttpMetrics().DisableRateLimiting().ExcludeFromDescription();
        probes.ShortCircuit(); // nothing that comes after routing is in their way
        probes.MapGet(Readiness, (ServiceHealth health, HttpResponse response) => Answer(health.Status, response));
        probes.MapGet(Liveness, (HttpResponse response) => Answer(HealthStatus.Healthy, response));
    }

    /// <summary>Maps <see cref="Checks"/>.</summary>
    /// <param name="endpoints">Of the service.</param>
    /// <param name="policy">Who may ask: the name of an authorization policy.</param>
    public static void MapHealthDetails(this IEndpointRouteBuilder endpoints, string policy) => endpoints
        .MapGet(Checks, (ServiceHealth health) => TypedResults.Ok(new HealthDetails(health.Status.ToString(), health.Details)))
        .RequireAuthorization(policy).DisableHttpMetrics().ExcludeFromDescription();

    private static ContentHttpResult Answer(HealthStatus status, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        var code = status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return TypedResults.Text(status.ToString(), "text/plain", statusCode: code);
    }

    private sealed record HealthDetails(string Status, IEnumerable<HealthDetail> Checks);
}
