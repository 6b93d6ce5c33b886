using Microsoft.Extensions.Configuration;
using NearbyFriends.AppHost.Servers;

namespace NearbyFriends.AppHost;

/// <summary>What the page of AppHost.cs says in one word: how the parts of this system are made and tied together.</summary>
static class Wiring
{
    /// <summary>Servers <c>name-0</c> to <c>name-(count - 1)</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString>[] AddRedisServers(this IServers servers, string name, int count) =>
        [.. Enumerable.Range(0, count).Select(index => servers.AddRedis($"{name}-{index}", keepData: false))];

    /// <summary>
    /// A service: HTTP, ready when <c>/health</c> says so. The AppHost decides its environment, not a launch profile, so that it is
    /// the same wherever the AppHost runs. Plain HTTP inside: a developer certificate must not decide whether the system runs.
    /// </summary>
    /// <param name="builder">The system.</param>
    /// <param name="name">Of the resource.</param>
    /// <param name="port">For callers from outside, who find it there in every run (<c>Ports:{name}</c>); null for a service without any.</param>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(this IDistributedApplicationBuilder builder, string name, int? port = null)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name, launchProfileName: null)
            .WithoutHttpsCertificate()
            .WithHttpEndpoint(port: port is { } wanted && builder.ExecutionContext.IsRunMode ? Ports.Stable(builder.Configuration, $"Ports:{name}", wanted) : null)
            .WithHttpHealthCheck("/health")
            .WithSettings("Presence", "Fanout", "Discovery", "Gateway", "Friends", "Strangers", "Auth", "History", "Telemetry", "Logging", "Web");
        if (port is not null) service.WithExternalHttpEndpoints();

        return builder.ExecutionContext.IsRunMode
            ? service.WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            : service;
    }

    /// <summary>Needs <paramref name="source"/>'s connection string, and it up, to start; nothing when there is no such source.</summary>
    public static IResourceBuilder<ProjectResource> Needs(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString>? source) =>
        source is null ? service : service.WithReference(source).WaitFor(source);

    /// <summary>Has a Redis server, or a Redis Cluster, for the location cache.</summary>
    public static IResourceBuilder<ProjectResource> WithLocationCache(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> cache, bool isCluster) =>
        service.WithReference(cache, connectionName: "location-cache").WaitFor(cache)
            .WithEnvironment("LocationCache__Cluster", isCluster ? "true" : "false");

    /// <summary>Has a Redis Cluster, if there is one, for fan-out.</summary>
    public static IResourceBuilder<ProjectResource> WithCluster(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString>? cluster) =>
        cluster is null ? service : service.Needs(cluster).WithEnvironment("Fanout__Cluster", cluster.Resource.Name);

    /// <summary>
    /// The keys that tokens are signed with, and that operators show. Where an issuer signs tokens (<c>Auth:Authority</c>), there is
    /// no key of our own; one that is configured is kept.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSecrets(
        this IResourceBuilder<ProjectResource> service,
        IResourceBuilder<ParameterResource> signingKey,
        IResourceBuilder<ParameterResource> operatorKey) =>
        service.WithSecret("Auth:SigningKey", signingKey, "Auth:SigningKey", "Auth:Authority").WithSecret("Auth:OperatorKey", operatorKey, "Auth:OperatorKey");

    /// <summary>Sets a setting to a secret, unless configuration has one of <paramref name="instead"/>.</summary>
    static IResourceBuilder<ProjectResource> WithSecret(
        this IResourceBuilder<ProjectResource> service, string setting, IResourceBuilder<ParameterResource> secret, params string[] instead) =>
        instead.Any(key => service.ApplicationBuilder.Configuration[key] is { Length: > 0 })
            ? service
            : service.WithEnvironment(setting.Replace(":", "__", StringComparison.Ordinal), secret);

    /// <summary>Publishes or subscribes: the names of the servers, their connection strings, and etcd, where the ring is agreed.</summary>
    public static IResourceBuilder<ProjectResource> WithFanout(
        this IResourceBuilder<ProjectResource> service,
        IResourceBuilder<IResourceWithConnectionString>[] servers,
        IResourceBuilder<IResourceWithConnectionString>[] standbys,
        IResourceBuilder<IResourceWithEndpoints>? etcd)
    {
        foreach (var (index, server) in servers.Index())
        {
            service.Needs(server).WithEnvironment($"Fanout__Servers__{index}", server.Resource.Name);
        }

        foreach (var (index, standby) in standbys.Index())
        {
            service.Needs(standby).WithEnvironment($"Fanout__Standbys__{index}", standby.Resource.Name);
        }

        return etcd is null ? service : service.WithEnvironment("Discovery__Etcd", etcd.GetEndpoint("client")).WaitFor(etcd);
    }

    /// <summary>
    /// The map page is the Api's, and talks to a gateway itself. On a developer's machine it is told where; a deployment says what
    /// address browsers know (<c>Web:Gateway</c>). The dashboard leads a newcomer to it.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithMapPage(
        this IResourceBuilder<ProjectResource> api, IResourceBuilder<ProjectResource> gateway)
    {
        if (!api.ApplicationBuilder.ExecutionContext.IsRunMode) return api;

        if (api.ApplicationBuilder.Configuration["Web:Gateway"] is null or "")
        {
            api.WithEnvironment("Web__Gateway", gateway.GetEndpoint("http"));
        }

        return api.WithUrls(context =>
        {
            var address = context.Urls[0];
            address.DisplayText = "REST";
            foreach (var (path, text) in new[] { (EndpointsFile.DemoPath, "Map"), ("/ops", "Operations"), ("/docs", "API reference") })
                context.Urls.Add(new() { Url = path, DisplayText = text, Endpoint = address.Endpoint });
        });
    }

    /// <summary>Hands the AppHost's own configuration of these sections on, so that a setting is made in one place.</summary>
    static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> service, params string[] sections)
    {
        var settings = sections
            .SelectMany(section => service.ApplicationBuilder.Configuration.GetSection(section).AsEnumerable())
            .Where(setting => setting.Value is not null);

        foreach (var (key, value) in settings)
        {
            service.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        }

        return service;
    }
}
