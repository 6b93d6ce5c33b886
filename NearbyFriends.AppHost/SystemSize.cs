using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace NearbyFriends.AppHost;

/// <summary>How much of everything a run of the system starts, from the AppHost's configuration.</summary>
/// <param name="PubSubServers">Pub/sub servers that share the channels: <c>PubSub:Servers</c>, 1 to 64, 2 by default.</param>
/// <param name="PubSubStandbys">Servers that stand by for a dead one: <c>PubSub:Standbys</c>, 0 to 64, 1 by default.</param>
/// <param name="CacheServers">Servers that share out the location cache: <c>LocationCache:Servers</c>, 1 to 64, 1 by default.</param>
/// <param name="CacheReplicas">Replicas of each of them: <c>LocationCache:Replicas</c>, 0 or 1, 0 by default.</param>
/// <param name="OnCluster">Whether a Redis Cluster stands for all of these: <c>Fanout:Transport=Cluster</c>.</param>
/// <param name="Gateways">Gateway replicas: <c>Gateway:Replicas</c>, 1 to 64, 2 by default.</param>
/// <param name="Simulator">Whether simulated people walk about: <c>Simulator</c>, true in Development.</param>
/// <param name="Volumes">Whether Postgres and the history stream keep their data between runs: <c>Volumes</c>, true by default.</param>
sealed record SystemSize(
    int PubSubServers, int PubSubStandbys, int CacheServers, int CacheReplicas, bool OnCluster, int Gateways, bool Simulator, bool Volumes)
{
    /// <summary>Reads the sizes from <paramref name="configuration"/>.</summary>
    /// <exception cref="DistributedApplicationException">A value is out of range; the message names its key.</exception>
    public static SystemSize From(ConfigurationManager configuration)
    {
        var size = new SystemSize(
            Number(configuration, "PubSub:Servers", 1, 2),
            Number(configuration, "PubSub:Standbys", 0, 1),
            Number(configuration, "LocationCache:Servers", 1, 1),
            Number(configuration, "LocationCache:Replicas", 0, 0, most: 1),
            string.Equals(configuration["Fanout:Transport"], "Cluster", StringComparison.OrdinalIgnoreCase),
            Number(configuration, "Gateway:Replicas", 1, 2),
            Switch(configuration, "Simulator", IsDevelopment(configuration)),
            Switch(configuration, "Volumes", true));
        return size.OnCluster ? size with { PubSubServers = 0, PubSubStandbys = 0, CacheServers = 0, CacheReplicas = 0 } : size;
    }

    static bool IsDevelopment(ConfigurationManager configuration) => configuration["environment"] is null or "Development";

    static int Number(ConfigurationManager configuration, string key, int least, int otherwise, int most = 64)
    {
        if (configuration[key] is not { Length: > 0 } text) return otherwise;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new DistributedApplicationException($"{key} must be a number from {least} to {most}, but is '{text}'.");
    }

    static bool Switch(ConfigurationManager configuration, string key, bool otherwise)
    {
        if (configuration[key] is not { Length: > 0 } text) return otherwise;

        return bool.TryParse(text, out var on)
            ? on
            : throw new DistributedApplicationException($"{key} must be true or false, but is '{text}'.");
    }
}
