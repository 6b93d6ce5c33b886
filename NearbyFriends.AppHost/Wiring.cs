using Microsoft.Extensions.Configuration;

namespace NearbyFriends.AppHost;

/// <summary>What the page of AppHost.cs says in one word: how the parts of this system are made and tied together.</summary>
static class Wiring
{
    /// <summary>A secret that the first run generates and keeps. 48 letters and digits are more than 256 bits, as HS256 asks for.</summary>
    public static IResourceBuilder<ParameterResource> AddSecret(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true);

    /// <summary>
    /// A Redis with a password of its own. Plain inside the system: whether a machine has a developer certificate, and who
    /// trusts it, must not decide whether the system runs there.
    /// </summary>
    public static IResourceBuilder<RedisResource> AddRedisServer(this IDistributedApplicationBuilder builder, string name) =>
#pragma warning disable ASPIRECERTIFICATES001 // Marked experimental; the only way to say it.
        builder.AddRedis(name).WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001

    /// <summary>Servers <c>name-0</c> to <c>name-(count - 1)</c>.</summary>
    public static IResourceBuilder<RedisResource>[] AddRedisServers(this IDistributedApplicationBuilder builder, string name, int count) =>
        [.. Enumerable.Range(0, count).Select(index => builder.AddRedisServer($"{name}-{index}"))];

    /// <summary>
    /// The servers that share out the location cache, <c>location-cache</c>, <c>location-cache-1</c> and so on, and their replicas
    /// if there are to be any: servers like the others, until the process that leads the ring has them follow.
    /// </summary>
    public static LocationCache AddLocationCache(this IDistributedApplicationBuilder builder, int servers, int replicas)
    {
        return new(Add("location-cache", servers), Add("location-cache-replica", servers * replicas));

        IResourceBuilder<RedisResource>[] Add(string name, int count) =>
        [
            .. Enumerable.Range(0, count).Select(index => builder.AddRedisServer(index == 0 ? name : $"{name}-{index}").WithAnnouncedAddress()),
        ];
    }

    /// <summary>Under which address other servers reach this one, whatever the services on the host use; a deployment has but one address.</summary>
    static IResourceBuilder<RedisResource> WithAnnouncedAddress(this IResourceBuilder<RedisResource> redis) =>
        redis.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? redis
            : redis.WithArgs(
                "--replica-announce-ip", redis.Resource.PrimaryEndpoint.Property(EndpointProperty.Host),
                "--replica-announce-port", redis.Resource.PrimaryEndpoint.Property(EndpointProperty.Port));

    /// <summary>
    /// Settings on the server's command line. Run, each is an argument of its own; published, the whole command line is one
    /// word for a shell, the last, and what stands after it would be lost.
    /// </summary>
    public static IResourceBuilder<RedisResource> WithServerArgs(this IResourceBuilder<RedisResource> redis, params string[] arguments) =>
        redis.WithArgs(context =>
        {
            if (context.ExecutionContext.IsPublishMode)
            {
                context.Args[^1] = $"{context.Args[^1]} {string.Join(' ', arguments)}";
                return;
            }

            foreach (var argument in arguments)
            {
                context.Args.Add(argument);
            }
        });

    /// <summary>
    /// A service: HTTP on a port that the system chooses, ready when <c>/health</c> says so. The AppHost decides its
    /// environment, not a launch profile, so that it is the same wherever the AppHost runs.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name, launchProfileName: null)
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health")
            .WithSettings("Presence", "Fanout", "Discovery", "Gateway", "Friends", "Auth", "History", "Telemetry", "Logging", "Web");

        return builder.ExecutionContext.IsRunMode
            ? service.WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            : service;
    }

    /// <summary>Needs <paramref name="source"/>'s connection string, and it up, to start.</summary>
    public static IResourceBuilder<ProjectResource> Needs(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> source) =>
        service.WithReference(source).WaitFor(source);

    /// <summary>Reads and writes where people are: the names of the servers and replicas, and their connection strings.</summary>
    public static IResourceBuilder<ProjectResource> WithLocationCache(this IResourceBuilder<ProjectResource> service, LocationCache cache)
    {
        foreach (var (index, server) in cache.Servers.Index())
        {
            service.Needs(server).WithEnvironment($"LocationCache__Servers__{index}", server.Resource.Name);
        }

        foreach (var (index, replica) in cache.Replicas.Index())
        {
            service.Needs(replica).WithEnvironment($"LocationCache__Replicas__{index}", replica.Resource.Name);
        }

        return service;
    }

    /// <summary>Has a Redis Cluster, if there is one, for fan-out and location cache.</summary>
    public static IResourceBuilder<ProjectResource> WithCluster(this IResourceBuilder<ProjectResource> service, RedisCluster? cluster)
    {
        if (cluster is null) return service;

        service.WithReference(cluster.ConnectionString).WithEnvironment("Fanout__Cluster", cluster.ConnectionString.Resource.Name);
        return cluster.Nodes is { } nodes ? service.WaitFor(nodes) : service;
    }

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
        IResourceBuilder<RedisResource>[] servers,
        IResourceBuilder<RedisResource>[] standbys,
        IResourceBuilder<ContainerResource> etcd)
    {
        foreach (var (index, server) in servers.Index())
        {
            service.Needs(server).WithEnvironment($"Fanout__Servers__{index}", server.Resource.Name);
        }

        foreach (var (index, standby) in standbys.Index())
        {
            service.Needs(standby).WithEnvironment($"Fanout__Standbys__{index}", standby.Resource.Name);
        }

        // A cluster needs no ring.
        return servers.Length > 0 ? service.WithEnvironment("Discovery__Etcd", etcd.GetEndpoint("client")).WaitFor(etcd) : service;
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

        return api
            .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = EndpointsFile.DemoPath, DisplayText = "Map, as the demo's visitor" })
            .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/ops", DisplayText = "Operations" });
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

/// <summary>The servers of the location cache.</summary>
/// <param name="Servers">Each holds a share of it.</param>
/// <param name="Replicas">One for each of them, in their order; or none.</param>
sealed record LocationCache(IResourceBuilder<RedisResource>[] Servers, IResourceBuilder<RedisResource>[] Replicas);
