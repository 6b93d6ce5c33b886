using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NearbyFriends.ServiceDefaults.Health;
using NearbyFriends.ServiceDefaults.Problems;
using NearbyFriends.ServiceDefaults.Proxies;
using NearbyFriends.ServiceDefaults.Telemetry;

namespace NearbyFriends.ServiceDefaults;

/// <summary>What every service of the system has in common.</summary>
/// <example><code>
/// var builder = WebApplication.CreateBuilder(args);
/// builder.AddServiceDefaults();
/// builder.AddNearbyAuthentication();
/// builder.AddPostgresDatabase("users");
/// builder.AddRedisServer("location-cache");
/// var app = builder.Build();
/// app.MapDefaultEndpoints();
/// </code></example>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds telemetry, health checks, the clock, what is believed of proxies, and what becomes of failed requests.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddTelemetry();
        builder.Services.AddHealth();
        builder.Services.AddTrustedProxies();
        builder.Services.AddSingleton<FailedRequests>();
        return builder;
    }

    /// <summary>
    /// Checks the settings, then maps <c>/health</c> (readiness) and <c>/alive</c> (liveness). To be called first: what is made
    /// from a missing setting would fail with words of its own.
    /// </summary>
    /// <exception cref="OptionsValidationException">A setting is missing or wrong; the message names it.</exception>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.MapHealthEndpoints();
        return app;
    }
}
