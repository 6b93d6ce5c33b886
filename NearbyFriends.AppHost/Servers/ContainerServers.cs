namespace NearbyFriends.AppHost.Servers;

/// <summary>Servers in containers, by Aspire's own integrations. Images are pinned by tag.</summary>
/// <remarks>
/// Published (<c>Servers=Containers</c>), they keep no data, whatever is asked: what becomes of a volume is the platform's choice, and
/// on a file share, which is Container Apps' choice, Postgres does not start.
/// </remarks>
internal sealed class ContainerServers(IDistributedApplicationBuilder builder) : IServers
{
    private const string RedisTag = "8.6";
    private const string PostgresTag = "18.3";
    private const string EtcdTag = "v3.6.5";

    public IResourceBuilder<IResourceWithConnectionString> AddRedis(string name, bool keepData, params string[] arguments)
    {
        // Plain inside the system: whether a machine has a developer certificate must not decide whether the system runs there.
        var redis = builder.AddRedis(name).WithImageTag(RedisTag).WithoutHttpsCertificate();
        if (Keeps(keepData))
        {
            redis.WithDataVolume();
        }

        if (redis.Resource.PasswordParameter is { } password)
        {
            builder.CreateResourceBuilder(password).WithParentRelationship(redis);
        }

        return arguments.Length == 0 ? redis : redis.WithArgs(context => Append(context, arguments));
    }

    public IResourceBuilder<IResourceWithConnectionString> AddRedisCluster(string name, int firstPort)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return builder.AddConnectionString(name);
        }

        var password = builder.AddSecret($"{name}-password");
        var nodes = builder.AddContainer($"{name}-nodes", "redis", RedisTag)
            .WithEntrypoint("/bin/sh")
            .WithArgs("-c", RedisClusterNodes.Script, name, RedisClusterNodes.Text(firstPort), "* -::*")
            .WithEnvironment("REDIS_PASSWORD", password);
        return builder.AddRedisClusterConnection(name, nodes.WithNodeEndpoints(firstPort), firstPort, password);
    }

    public IResourceBuilder<IResourceWithConnectionString> AddPostgres(string name, bool keepData, params string[] arguments)
    {
        var postgres = builder.AddPostgres(name).WithImageTag(PostgresTag).WithArgs(arguments);
        builder.CreateResourceBuilder(postgres.Resource.PasswordParameter).WithParentRelationship(postgres);
        return Keeps(keepData) ? postgres.WithDataVolume() : postgres;
    }

    public IResourceBuilder<IResourceWithConnectionString> AddDatabase(IResourceBuilder<IResourceWithConnectionString> postgres, string name) =>
        ((IResourceBuilder<PostgresServerResource>)postgres).AddDatabase(name);

    // Configured by environment: the image has a command, but no entry point.
    public EtcdServer AddEtcd(string name)
    {
        var etcd = builder.AddContainer(name, "coreos/etcd", EtcdTag).WithImageRegistry("quay.io")
            .WithEnvironment("ETCD_LISTEN_CLIENT_URLS", "http://0.0.0.0:2379")
            .WithEnvironment("ETCD_ADVERTISE_CLIENT_URLS", $"http://{name}:2379")
            .WithHttpEndpoint(targetPort: 2379, name: "client")
            .WithHttpHealthCheck("/health", endpointName: "client");
        return new(etcd, ReferenceExpression.Create($"{etcd.GetEndpoint("client")}"));
    }

    private bool Keeps(bool keepData) => keepData && builder.ExecutionContext.IsRunMode;

    // Run, each is an argument of its own; published, the whole command line is one word for a shell, the last, and what stands
    // after it would be lost.
    private static void Append(CommandLineArgsCallbackContext context, string[] arguments)
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
    }
}
