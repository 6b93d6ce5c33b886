using System.Globalization;

namespace NearbyFriends.AppHost;

/// <summary>A Redis Cluster that services reach.</summary>
/// <param name="ConnectionString">Lists its nodes.</param>
/// <param name="Nodes">The container in which they run; null where somebody else runs them.</param>
sealed record RedisCluster(IResourceBuilder<IResourceWithConnectionString> ConnectionString, IResourceBuilder<ContainerResource>? Nodes);

static class RedisClusterExtensions
{
    const int Nodes = 6;
    const int DefaultPort = 7100;

    /// <summary>A cluster's nodes talk to each other on their port and this much, so the port can be no higher than 65535 less it.</summary>
    const int BusOffset = 10_000;

    // Its nodes tell clients where they are, 127.0.0.1 and their ports; so both must be the same in the container and on the
    // host. REDIS_BIND is for a machine that runs this without a container.
    const string Script = """
        first=$1
        ports=$(seq "$first" $((first + 5)))
        export REDISCLI_AUTH="$REDIS_PASSWORD"
        nodes=
        trap 'kill $nodes 2>/dev/null' TERM INT
        for port in $ports; do
          rm -rf "node-$port"
          mkdir "node-$port"
          redis-server - <<END &
        port $port
        bind ${REDIS_BIND:-* -::*}
        requirepass $REDIS_PASSWORD
        masterauth $REDIS_PASSWORD
        dir "$PWD/node-$port"
        loglevel warning
        save ""
        cluster-enabled yes
        cluster-announce-ip 127.0.0.1
        cluster-node-timeout 3000
        cluster-require-full-coverage no
        END
          nodes="$nodes $!"
        done
        addresses=
        for port in $ports; do
          until redis-cli -p "$port" ping 2>/dev/null | grep -q PONG; do sleep 0.1; done
          addresses="$addresses 127.0.0.1:$port"
        done
        redis-cli --cluster create $addresses --cluster-replicas 1 --cluster-yes | tail -n 1
        wait
        """;

    /// <summary>
    /// Three masters and a replica of each, as six processes of one container on the ports from <c>RedisCluster:Port</c> (7100)
    /// on; deployed, a managed cluster of Redis 7 or later, whose connection string is asked for.
    /// </summary>
    /// <exception cref="DistributedApplicationException">The port is out of range.</exception>
    public static RedisCluster AddRedisCluster(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.ExecutionContext.IsPublishMode) return new(builder.AddConnectionString(name), null);

        var ports = Enumerable.Range(FirstPort(builder.Configuration["RedisCluster:Port"]), Nodes).ToArray();
        var password = builder.AddSecret($"{name}-password");
        var nodes = builder.AddContainer($"{name}-nodes", "redis", "8.6")
            .WithEntrypoint("/bin/sh")
            .WithArgs("-c", Script.ReplaceLineEndings("\n"), name, Text(ports[0]))
            .WithEnvironment("REDIS_PASSWORD", password);
        foreach (var (index, port) in ports.Index())
        {
            nodes.WithEndpoint(port: port, targetPort: port, scheme: "redis", name: $"node-{index}", isProxied: false);
        }

        var connection = builder.AddConnectionString(name, text =>
        {
            text.AppendLiteral($"{string.Join(',', ports.Select(port => $"127.0.0.1:{Text(port)}"))},password=");
            text.AppendFormatted(password.Resource);
        });
        return new(connection, nodes);
    }

    static int FirstPort(string? text)
    {
        if (text is not { Length: > 0 }) return DefaultPort;

        const int Most = 65_535 - BusOffset - Nodes + 1;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1024 and <= Most
            ? port
            : throw new DistributedApplicationException($"RedisCluster:Port must be a number from 1024 to {Text(Most)}, but is '{text}'.");
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
