using Microsoft.Extensions.Configuration;
using NearbyFriends.AppHost.Servers;

namespace NearbyFriends.AppHost;

/// <summary>What the page of AppHost.cs says in one word: how the parts of this system are made and tied together.</summary>
internal static class Wiring
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
            .WithHttpProbe(ProbeType.Readiness, "/health")
            .WithSettings("History", "Postgres", "Telemetry", "Logging");
        if (port is not null)
        {
            service.WithExternalHttpEndpoints();
        }

        return builder.ExecutionContext.IsRunMode
            ? service.WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            : service.WithHttpProbe(ProbeType.Liveness, "/alive"); // restarts it; on a developer's machine nobody would
    }

    /// <summary>Needs <paramref name="source"/>'s connection string, and it up, to start; nothing when there is no such source.</summary>
    public static IResourceBuilder<ProjectResource> Needs(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString>? source) =>
        source is null ? service : service.Needs(source, source.Resource.Name);

    // The connection string alone: WithReference adds aliases, with _ for -, and the parts of the address. A deployment turns each into
    // a secret, and an alias into a second one of the same name.
    private static IResourceBuilder<ProjectResource> Needs(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> source, string connectionName) =>
        service.WithEnvironment($"ConnectionStrings__{connectionName}", source).WithReferenceRelationship(source).WaitFor(source);

    /// <summary>Has a Redis server, or a Redis Cluster, for the location cache.</summary>
    public static IResourceBuilder<ProjectResource> WithLocationCache(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> cache, bool isCluster) =>
        service.Needs(cache, "location-cache").WithEnvironment("LocationCache__Cluster", isCluster ? "true" : "false");

    /// <summary>Has a Redis Cluster, if there is one, for fan-out.</summary>
    public static IResourceBuilder<ProjectResource> WithCluster(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString>? cluster) =>
        cluster is null ? service : service.Needs(cluster).WithEnvironment("Fanout__Cluster", cluster.Resource.Name);

    /// <summary>Publishes or subscribes: the names of the servers, their connection strings, and etcd, where the ring is agreed.</summary>
    public static IResourceBuilder<ProjectResource> WithFanout(
        this IResourceBuilder<ProjectResource> service,
        IResourceBuilder<IResourceWithConnectionString>[] servers,
        IResourceBuilder<IResourceWithConnectionString>[] standbys,
        EtcdServer? etcd)
    {
        service.WithSettings("Fanout", "Discovery");
        foreach (var (index, server) in servers.Index())
        {
            service.Needs(server).WithEnvironment($"Fanout__Servers__{index}", server.Resource.Name);
        }

        foreach (var (index, standby) in standbys.Index())
        {
            service.Needs(standby).WithEnvironment($"Fanout__Standbys__{index}", standby.Resource.Name);
        }

        return etcd is null ? service : service.WithEnvironment("Discovery__Etcd", etcd.Addresses).WaitFor(etcd.Resource);
    }

    /// <summary>
    /// The map page is the Api's, and talks to a gateway itself. On a developer's machine it is told where; a deployment is asked what
    /// addresses browsers know, of the gateways (<c>Web:Gateway</c>) and of the page (<c>Gateway:Origins</c>). The dashboard leads a newcomer to it.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithMapPage(
        this IResourceBuilder<ProjectResource> api, IResourceBuilder<ProjectResource> gateway)
    {
        var builder = api.ApplicationBuilder;
        var isPublished = builder.ExecutionContext.IsPublishMode;
        if (builder.Configuration["Web:Gateway"] is null or "")
        {
            api.WithEnvironment("Web__Gateway", isPublished
                ? ReferenceExpression.Create($"{builder.AddParameter("gateway-address")}")
                : ReferenceExpression.Create($"{gateway.GetEndpoint("http")}"));
        }

        if (isPublished)
        {
            gateway.WithEnvironment("Gateway__Origins__0", builder.AddParameter("page-origin"));
            return api.WithEnvironment("Web__Enabled", "true");
        }

        return api.WithUrls(context =>
        {
            var address = context.Urls[0];
            address.DisplayText = "REST";
            foreach (var (path, text) in new[] { (EndpointsFile.DemoPath, "Map"), ("/ops", "Operations"), ("/docs", "API reference") })
            {
                context.Urls.Add(new() { Url = path, DisplayText = text, Endpoint = address.Endpoint });
            }
        });
    }

    /// <summary>Hands the AppHost's own configuration of these sections on, which the service reads, so that a setting is made in one place.</summary>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> service, params string[] sections)
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
