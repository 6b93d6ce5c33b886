using Microsoft.Extensions.Configuration;

namespace NearbyFriends.AppHost;

/// <summary>
/// How many connections to Postgres all processes together may open: the one place that counts them. Each has a pool of
/// <c>Postgres:PoolSize</c> (20) for each of its databases.
/// </summary>
internal static class DatabaseConnections
{
    public const int ApiReplicas = 2;

    private const int DefaultPoolSize = 20; // that of a service that is not told another
    private const int Others = 30; // operators, backups, migrations, health checks, and what Postgres keeps for its superuser
    private const int Usual = 300;

    /// <summary>Postgres's <c>max_connections</c>: <c>Postgres:MaxConnections</c>, by default 300 or what is needed.</summary>
    /// <exception cref="DistributedApplicationException">The setting is less than what is needed.</exception>
    public static int Max(IConfiguration configuration, int gateways)
    {
        var pools = (ApiReplicas * 2) + gateways + 1; // users and history; users; history
        var needed = (configuration.Number("Postgres:PoolSize", 1, DefaultPoolSize, 1_000) * pools) + Others;
        var most = configuration.Number("Postgres:MaxConnections", 1, Math.Max(Usual, needed), 100_000);
        return most >= needed
            ? most
            : throw new DistributedApplicationException(
                $"Postgres:MaxConnections is {most}, but {gateways} gateways and the other services may open {needed} connections; raise it, or lower Postgres:PoolSize.");
    }
}
