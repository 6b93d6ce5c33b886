using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NearbyFriends.ServiceDefaults.Servers;

/// <summary>A connection string that a service cannot start without.</summary>
internal sealed record RequiredConnection
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(3);

    public string? ConnectionString { get; set; }

    /// <summary>Stops the service at start when <c>ConnectionStrings:{name}</c> is missing.</summary>
    public static void Add(IServiceCollection services, string name, string example) =>
        services.AddOptions<RequiredConnection>(name)
            .Configure<IConfiguration>((connection, configuration) => connection.ConnectionString = configuration.GetConnectionString(name))
            .Validate(
                connection => !string.IsNullOrWhiteSpace(connection.ConnectionString),
                $"ConnectionStrings:{name} is not set; it must say where the server is, such as '{example}'.")
            .ValidateOnStart();

    /// <summary>A server that does not answer its health check in time degrades the service; it continues without it.</summary>
    public static void DegradeWhileUnavailable(IServiceCollection services, string check) =>
        services.PostConfigure<HealthCheckServiceOptions>(health =>
        {
            foreach (var registration in health.Registrations.Where(registration => registration.Name == check))
            {
                (registration.FailureStatus, registration.Timeout) = (HealthStatus.Degraded, CheckTimeout);
            }
        });
}
