using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace NearbyFriends.AppHost;

/// <summary>How much of everything a run of the system starts, from the AppHost's configuration.</summary>
/// <param name="PubSubServers">Pub/sub servers that share the channels: <c>PubSub:Servers</c>, 1 to 64, 2 by default.</param>
/// <param name="PubSubStandbys">Servers that stand by for a dead one: <c>PubSub:Standbys</c>, 0 to 64, 1 by default.</param>
/// <param name="OnRing">Whether the ring of pub/sub servers carries the fan-out: <c>Fanout:Transport=Ring</c>, the default. Others have no such servers and no etcd.</param>
/// <param name="OnCluster">Whether one Redis Cluster is used for fan-out and location cache: <c>Fanout:Transport=Cluster</c>.</param>
/// <param name="CacheOnCluster">Whether the location cache is on a Redis Cluster: <c>LocationCache:Cluster</c>, false by default; always with <paramref name="OnCluster"/>.</param>
/// <param name="ClusterPort">The first of the six ports of a Redis Cluster: <c>RedisCluster:Port</c>, 7100 by default.</param>
/// <param name="Gateways">Gateway replicas: <c>Gateway:Replicas</c>, 1 to 64, 2 by default.</param>
/// <param name="Simulator">Whether simulated people walk about: <c>Simulator</c>, true in Development.</param>
/// <param name="KeepData">Whether Postgres and the history stream keep their data between runs: <c>Volumes</c>, true by default.</param>
internal sealed record SystemSize(
    int PubSubServers, int PubSubStandbys, bool OnRing, bool OnCluster, bool CacheOnCluster, int ClusterPort, int Gateways, bool Simulator, bool KeepData)
{
    /// <summary>Reads the sizes from <paramref name="configuration"/>.</summary>
    /// <exception cref="DistributedApplicationException">A value is out of range; the message names its key.</exception>
    public static SystemSize From(IConfiguration configuration)
    {
        var transport = configuration["Fanout:Transport"] is { Length: > 0 } set ? set : "Ring";
        var onRing = string.Equals(transport, "Ring", StringComparison.OrdinalIgnoreCase);
        var onCluster = string.Equals(transport, "Cluster", StringComparison.OrdinalIgnoreCase);
        return new SystemSize(
            onRing ? configuration.Number("PubSub:Servers", 1, 2) : 0,
            onRing ? configuration.Number("PubSub:Standbys", 0, 1) : 0,
            onRing,
            onCluster,
            onCluster || Switch(configuration, "LocationCache:Cluster", false),
            configuration.Number("RedisCluster:Port", 1024, 7100, Servers.RedisClusterNodes.HighestFirstPort),
            configuration.Number("Gateway:Replicas", 1, 2),
            Switch(configuration, "Simulator", IsDevelopment(configuration)),
            Switch(configuration, "Volumes", true));
    }

    private static bool IsDevelopment(IConfiguration configuration) => configuration["environment"] is null or "Development";

    private static bool Switch(IConfiguration configuration, string key, bool otherwise)
    {
        if (configuration[key] is not { Length: > 0 } text)
        {
            return otherwise;
        }

        return bool.TryParse(text, out var on)
            ? on
            : throw new DistributedApplicationException($"{key} must be true or false, but is '{text}'.");
    }
}

internal static class ConfigurationNumbers
{
    /// <summary>A whole number, or <paramref name="otherwise"/> when it is not set.</summary>
    /// <exception cref="DistributedApplicationException">It is no number or out of range; the message names the key.</exception>
    public static int Number(this IConfiguration configuration, string key, int least, int otherwise, int most = 64)
    {
        if (configuration[key] is not { Length: > 0 } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new DistributedApplicationException($"{key} must be a number from {least} to {most}, but is '{text}'.");
    }
}
