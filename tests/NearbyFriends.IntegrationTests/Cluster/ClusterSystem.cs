using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Cluster;

/// <summary>A system whose fan-out and location cache live on a Redis Cluster of its own.</summary>
public sealed class ClusterSystem : IAsyncDisposable
{
    private ClusterSystem(RedisCluster cluster, NearbySystem system) => (Cluster, System) = (cluster, system);

    public RedisCluster Cluster { get; }

    public NearbySystem System { get; }

    /// <param name="servers">The others that it needs.</param>
    /// <param name="channels"><c>Fanout:Channels</c>.</param>
    /// <param name="nodeTimeout">As of <see cref="RedisCluster.StartAsync"/>.</param>
    public static async Task<ClusterSystem> StartAsync(Servers servers, string channels = "Partitioned(16)", TimeSpan? nodeTimeout = null)
    {
        var cluster = await RedisCluster.StartAsync(nodeTimeout);
        try
        {
            return new(cluster, await NearbySystem.StartAsync(
                servers,
                ("Fanout:Transport", "Cluster"), ("Fanout:Channels", channels), ("ConnectionStrings:redis-cluster", cluster.ConnectionString),
                ("LocationCache:Cluster", "true"), ("ConnectionStrings:location-cache", cluster.ConnectionString),
                ("Gateway:Flush", "00:00:00"), ("Strangers:RefreshEvery", "00:00:00.1")));
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
