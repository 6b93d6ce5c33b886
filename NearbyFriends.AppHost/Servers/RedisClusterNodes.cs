using System.Globalization;

namespace NearbyFriends.AppHost.Servers;

/// <summary>What both sources of servers know about the nodes of a Redis Cluster.</summary>
internal static class RedisClusterNodes
{
    private const int Count = 6;

    /// <summary>Nodes talk to each other on their port and this much.</summary>
    private const int BusOffset = 10_000;

    /// <summary>The highest port that the first node can have.</summary>
    public const int HighestFirstPort = 65_535 - BusOffset - Count + 1;

    /// <summary>Runs the nodes and ends with them; <c>$1</c> is the first port, <c>$2</c> the address to listen on.</summary>
    public static string Script { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Servers", "redis-cluster.sh")).ReplaceLineEndings("\n");

    // Nodes tell clients where they are, 127.0.0.1 and their ports: so both must be the same inside and outside a container.
    public static IResourceBuilder<T> WithNodeEndpoints<T>(this IResourceBuilder<T> nodes, int firstPort)
        where T : IResourceWithEndpoints
    {
        foreach (var (index, port) in Ports(firstPort).Index())
        {
            nodes.WithEndpoint(port: port, targetPort: port, scheme: "redis", name: $"node-{index}", isProxied: false);
        }

        return nodes;
    }

    /// <summary>The connection string that lists the nodes, available once they have started.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddRedisClusterConnection(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<IResource> nodes, int firstPort, IResourceBuilder<ParameterResource> password) =>
        builder.AddConnectionString(name, text =>
        {
            text.AppendLiteral($"{string.Join(',', Ports(firstPort).Select(port => $"127.0.0.1:{Text(port)}"))},password=");
            text.AppendFormatted(password.Resource);
        }).WithParentRelationship(nodes).WaitFor(nodes);

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<int> Ports(int firstPort) => Enumerable.Range(firstPort, Count);
}
