using Microsoft.Extensions.DependencyInjection;

namespace NearbyFriends.AppHost.Servers;

/// <summary>
/// The programs that are installed on this machine, as executables of the application: for machines without a container runtime.
/// Each listens on 127.0.0.1 alone, on a port that the AppHost chooses, and services connect to it directly.
/// </summary>
/// <remarks>
/// <c>server.sh</c> runs the program. Kept data lies in a folder for each server below <c>DataFolder</c>, by default <c>.nearby/data</c>; other data in a temporary folder that the script
/// deletes at the end, also when the AppHost was killed: the orchestrator then stops the scripts.
/// </remarks>
internal sealed class InstalledServers : IServers
{
    private readonly IDistributedApplicationBuilder _builder;

    /// <exception cref="DistributedApplicationException">A program is not installed.</exception>
    public InstalledServers(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        InstalledPrograms.RequireAll();
    }

    public IResourceBuilder<IResourceWithConnectionString> AddRedis(string name, bool keepData, params string[] arguments)
    {
        var password = _builder.AddSecret($"{name}-password");
        var port = FreePorts.Any();
        var redis = Add(name, "redis", keepData, "tcp", port, endpoint => ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.HostAndPort)},password={password}"))
            .WithEnvironment("REDIS_PASSWORD", password)
            .WithArgs(["--port", FreePorts.Text(port), .. arguments])
            .WithIconName("Memory")
            .WithConnectionCheck((checks, key, connection) => checks.AddRedis(_ => connection(), key));
        password.WithParentRelationship(redis);
        return redis;
    }

    public IResourceBuilder<IResourceWithConnectionString> AddRedisCluster(string name, int firstPort)
    {
        var password = _builder.AddSecret($"{name}-password");
        var nodes = _builder.AddExecutable($"{name}-nodes", "/bin/sh", _builder.AppHostDirectory)
            .WithArgs("Servers/server.sh", "cluster", TemporaryFolder(name), "drop", RedisClusterNodes.Text(firstPort), "127.0.0.1")
            .WithEnvironment("REDIS_PASSWORD", password);
        return _builder.AddRedisClusterConnection(name, nodes.WithNodeEndpoints(firstPort), firstPort, password);
    }

    public IResourceBuilder<IResourceWithConnectionString> AddPostgres(string name, bool keepData, params string[] arguments)
    {
        var password = _builder.AddSecret($"{name}-password");
        var port = FreePorts.Any();
        var postgres = Add(name, "postgres", keepData, "tcp", port, endpoint => ReferenceExpression.Create(
                $"Host={endpoint.Property(EndpointProperty.Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={password}"))
            .WithEnvironment("POSTGRES_PASSWORD", password)
            .WithEnvironment(context => context.EnvironmentVariables["POSTGRES_DATABASES"] = string.Join(' ', DatabasesOf(name)))
            .WithArgs(["-c", $"port={FreePorts.Text(port)}", .. arguments])
            .WithIconName("DatabaseMultiple")
            .WithConnectionCheck((checks, key, connection) => checks.AddNpgSql(_ => $"{connection()};Database=postgres", name: key));
        password.WithParentRelationship(postgres);
        return postgres;
    }

    public IResourceBuilder<IResourceWithConnectionString> AddDatabase(IResourceBuilder<IResourceWithConnectionString> postgres, string name) =>
        _builder.AddConnectionString(name, ReferenceExpression.Create($"{postgres.Resource};Database={name}"))
            .WithAnnotation(new DatabaseAnnotation(postgres.Resource.Name))
            .WithParentRelationship(postgres)
            .WaitFor(postgres);

    public EtcdServer AddEtcd(string name)
    {
        var (client, peer) = (FreePorts.Any(), FreePorts.Any());
        var etcd = _builder.AddExecutable(name, "/bin/sh", _builder.AppHostDirectory)
            .WithArgs("Servers/server.sh", "etcd", TemporaryFolder(name), "drop", FreePorts.Text(client), FreePorts.Text(peer))
            .WithHttpEndpoint(port: client, targetPort: client, name: "client", isProxied: false)
            .WithHttpHealthCheck("/health", endpointName: "client");
        return new(etcd, ReferenceExpression.Create($"{etcd.GetEndpoint("client")}"));
    }

    private IResourceBuilder<InstalledServer> Add(
        string name, string kind, bool keepData, string endpoint, int port, Func<EndpointReference, ReferenceExpression> connection)
    {
        var kept = _builder.Configuration["DataFolder"] ?? Path.Combine(_builder.AppHostDirectory, "..", ".nearby", "data");
        var folder = keepData ? Path.GetFullPath(Path.Combine(kept, name)) : TemporaryFolder(name);
        var server = new InstalledServer(name, _builder.AppHostDirectory, endpoint, connection);
        return _builder.AddResource(server)
            .WithArgs("Servers/server.sh", kind, folder, keepData ? "keep" : "drop")
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: endpoint, isProxied: false);
    }

    private IEnumerable<string> DatabasesOf(string server) =>
        from resource in _builder.Resources
        where resource.Annotations.OfType<DatabaseAnnotation>().Any(database => database.Server == server)
        select resource.Name;

    private static string TemporaryFolder(string name) => Path.Combine(Path.GetTempPath(), $"nearbyfriends-{Guid.NewGuid():N}-{name}");

    private sealed record DatabaseAnnotation(string Server) : IResourceAnnotation;
}

/// <summary>A program of this machine that services connect to.</summary>
internal sealed class InstalledServer(string name, string workingDirectory, string endpoint, Func<EndpointReference, ReferenceExpression> connection)
    : ExecutableResource(name, "/bin/sh", workingDirectory), IResourceWithConnectionString
{
    public ReferenceExpression ConnectionStringExpression => connection(new EndpointReference(this, endpoint));
}

internal static class InstalledServerExtensions
{
    /// <summary>Healthy once a connection answers.</summary>
    /// <param name="server">The server.</param>
    /// <param name="add">Adds the check of this name; the connection string is known when the check runs.</param>
    public static IResourceBuilder<InstalledServer> WithConnectionCheck(
        this IResourceBuilder<InstalledServer> server, Action<IHealthChecksBuilder, string, Func<string>> add)
    {
        var key = $"{server.Resource.Name}_check";
        string? connection = null;
        server.OnConnectionStringAvailable(async (resource, _, cancel) => connection = await resource.GetConnectionStringAsync(cancel));
        add(server.ApplicationBuilder.Services.AddHealthChecks(), key, () => connection ?? throw new InvalidOperationException("The connection string is not known yet."));
        return server.WithHealthCheck(key);
    }

    public static Task<string?> GetConnectionStringAsync(this InstalledServer server, CancellationToken cancel) =>
        server.ConnectionStringExpression.GetValueAsync(cancel).AsTask();
}
