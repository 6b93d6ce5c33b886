using NearbyFriends.AppHost.Servers;

namespace NearbyFriends.AppHost;

/// <summary>What tells services who may call them: settings, and the parameters that have their values.</summary>
internal sealed record Callers(IReadOnlyList<(string Setting, IResourceBuilder<ParameterResource> Value)> Settings);

internal static class CallersExtensions
{
    /// <summary>
    /// On a developer's machine the system signs tokens itself, by a key of its own. A deployment names the issuer of its tokens,
    /// the key by which users' ids are hashed in traces, which would otherwise be derived from the signing key, and the network of the
    /// balancer, whose word for a caller's address is taken.
    /// </summary>
    /// <param name="builder">The system.</param>
    /// <param name="operatorKey">What operators show.</param>
    public static Callers AddCallers(this IDistributedApplicationBuilder builder, IResourceBuilder<ParameterResource> operatorKey)
    {
        var configuration = builder.Configuration;
        var settings = new List<(string, IResourceBuilder<ParameterResource>)>();
        if (builder.ExecutionContext.IsPublishMode)
        {
            settings.Add(("Auth:Authority", builder.AddParameter("auth-authority")));
            settings.Add(("Auth:Audience", builder.AddParameter("auth-audience")));
            settings.Add(("Telemetry:HashKey", builder.AddSecret("telemetry-hash-key")));
            settings.Add(("Proxies:Networks:0", builder.AddParameter("proxy-network")));
        }
        else if (string.IsNullOrEmpty(configuration["Auth:Authority"]))
        {
            settings.Add(("Auth:SigningKey", builder.AddSecret("auth-signing-key")));
        }

        settings.Add(("Auth:OperatorKey", operatorKey));
        return new([.. settings.Where(setting => string.IsNullOrEmpty(configuration[setting.Item1]))]); // what is configured is handed on as it is
    }

    /// <summary>Has the settings in its environment.</summary>
    public static IResourceBuilder<ProjectResource> Knows(this IResourceBuilder<ProjectResource> service, Callers callers)
    {
        foreach (var (setting, value) in callers.Settings)
        {
            service.WithEnvironment(setting.Replace(":", "__", StringComparison.Ordinal), value);
        }

        return service;
    }
}
