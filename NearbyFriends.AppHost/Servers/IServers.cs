namespace NearbyFriends.AppHost.Servers;

/// <summary>
/// Where the system's servers come from. Whatever the source, a server has the same resource name, connection string, health and
/// commands, so the page of AppHost.cs reads the same.
/// </summary>
internal interface IServers
{
    /// <summary>A Redis with a password of its own.</summary>
    /// <param name="name">Of the resource and of its connection string.</param>
    /// <param name="keepData">Whether its data outlives the run.</param>
    /// <param name="arguments">Settings as redis-server takes them, such as <c>--appendonly yes</c>.</param>
    IResourceBuilder<IResourceWithConnectionString> AddRedis(string name, bool keepData, params string[] arguments);

    /// <summary>Six nodes of one Redis Cluster: three masters, each with a replica. They keep no data.</summary>
    /// <param name="name">Of the resource and of its connection string, which lists all nodes.</param>
    /// <param name="firstPort">The nodes listen on six ports from this one on; they announce these, so they are fixed.</param>
    IResourceBuilder<IResourceWithConnectionString> AddRedisCluster(string name, int firstPort);

    /// <summary>A PostgreSQL server.</summary>
    /// <param name="name">Of the resource and of its connection string.</param>
    /// <param name="keepData">Whether its data outlives the run.</param>
    /// <param name="arguments">Settings as postgres takes them, such as <c>-c max_connections=300</c>.</param>
    IResourceBuilder<IResourceWithConnectionString> AddPostgres(string name, bool keepData, params string[] arguments);

    /// <summary>A database on a server of <see cref="AddPostgres"/>; created when the server is.</summary>
    IResourceBuilder<IResourceWithConnectionString> AddDatabase(IResourceBuilder<IResourceWithConnectionString> postgres, string name);

    /// <summary>An etcd; one that the AppHost starts has one member and keeps no data.</summary>
    EtcdServer AddEtcd(string name);
}

/// <summary>Where gateways and Apis agree on the ring.</summary>
/// <param name="Resource">To wait for.</param>
/// <param name="Addresses">As <c>Discovery:Etcd</c> takes them.</param>
internal sealed record EtcdServer(IResourceBuilder<IResource> Resource, ReferenceExpression Addresses);
