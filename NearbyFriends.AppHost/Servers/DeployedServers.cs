namespace NearbyFriends.AppHost.Servers;

/// <summary>
/// The servers of a deployment: each is a connection string that the deployment is asked for. Which product stands behind it, with how
/// many replicas and backups, is decided there (docs/deployment.md).
/// </summary>
internal sealed class DeployedServers(IDistributedApplicationBuilder builder) : IServers
{
    public IResourceBuilder<IResourceWithConnectionString> AddRedis(string name, bool keepData, params string[] arguments) => builder.AddConnectionString(name);

    public IResourceBuilder<IResourceWithConnectionString> AddRedisCluster(string name, int firstPort) => builder.AddConnectionString(name);

    /// <summary>Nothing but the parent of its databases: services know those.</summary>
    public IResourceBuilder<IResourceWithConnectionString> AddPostgres(string name, bool keepData, params string[] arguments) =>
        builder.CreateResourceBuilder(new ConnectionStringResource(name, ReferenceExpression.Empty));

    public IResourceBuilder<IResourceWithConnectionString> AddDatabase(IResourceBuilder<IResourceWithConnectionString> postgres, string name) =>
        builder.AddConnectionString(name);

    public EtcdServer AddEtcd(string name)
    {
        var addresses = builder.AddParameter(name);
        return new(addresses, ReferenceExpression.Create($"{addresses}"));
    }
}
