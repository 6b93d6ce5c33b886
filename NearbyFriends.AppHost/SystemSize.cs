using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace NearbyFriends.AppHost;

/// <summary>How much of everything a run of the system starts, from the AppHost's configuration.</summary>
/// <param name="PubSubServers">Pub/sub servers that share the channels: <c>PubSub:Servers</c>, 1 to 64, 2 by default.</param>
/// <param name="PubSubStandbys">Servers that stand by for a dead one: <c>PubSub:Standbys</c>, 0 to 64, 1 by default.</param>
/// <param name="Gateways">Gateway replicas: <c>Gateway:Replicas</c>, 1 to 64, 2 by default.</param>
/// <param name="Simulator">Whether simulated people walk about: <c>Simulator</c>, true in Development.</param>
/// <param name="Volumes">Whether Postgres and the history stream keep their data between runs: <c>Volumes</c>, true by default.</param>
sealed record SystemSize(int PubSubServers, int PubSubStandbys, int Gateways, bool Simulator, bool Volumes)
{
    /// <summary>Reads the sizes from <paramref name="configuration"/>.</summary>
    /// <exception cref="DistributedApplicationException">A value is out of range; the message names its key.</exception>
    public static SystemSize From(ConfigurationManager configuration) => new(
        Number(configuration, "PubSub:Servers", 1, 2),
        Number(configuration, "PubSub:Standbys", 0, 1),
        Number(configuration, "Gateway:Replicas", 1, 2),
        Switch(configuration, "Simulator", IsDevelopment(configuration)),
        Switch(configuration, "Volumes", true));

    static bool IsDevelopment(ConfigurationManager configuration) => configuration["environment"] is null or "Development";

    static int Number(ConfigurationManager configuration, string key, int least, int otherwise)
    {
        if (configuration[key] is not { Length: > 0 } text) return otherwise;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= 64
            ? number
            : throw new DistributedApplicationException($"{key} must be a number from {least} to 64, but is '{text}'.");
    }

    static bool Switch(ConfigurationManager configuration, string key, bool otherwise)
    {
        if (configuration[key] is not { Length: > 0 } text) return otherwise;

        return bool.TryParse(text, out var on)
            ? on
            : throw new DistributedApplicationException($"{key} must be true or false, but is '{text}'.");
    }
}
