using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace NearbyFriends.ServiceDefaults.Servers;

/// <summary>
/// Whether all processes together may open more connections to a Postgres server than it takes. Each pool names its size in the
/// name of its connections, so whoever starts can add up those of all others, whatever their number and settings.
/// </summary>
/// <remarks>
/// Looked at once, when the service starts and the server answers. A pool without an open connection is not seen then; the
/// next process that starts looks again.
/// </remarks>
internal static partial class ConnectionBudget
{
    /// <summary>Connections that are left to people, backups, migrations and the superuser, as in the AppHost and docs/deployment.md.</summary>
    private const int Others = 30;

    /// <summary>
    /// The name of a pool's connections: how many it may open, and which process has it. Postgres cuts it after 63 bytes, so what
    /// tells processes apart comes first.
    /// </summary>
    public static string NameOf(string service, string instance, int poolSize) => string.Create(CultureInfo.InvariantCulture, $"pool={poolSize} {instance} {service}");

    /// <summary>What is wrong with the pools that these connections belong to; null if nothing is.</summary>
    /// <param name="pools">Database and name of a connection, one for each pool.</param>
    /// <param name="most">The server's <c>max_connections</c>, which includes those of the superuser.</param>
    /// <param name="setting">Name of the connection string, for the message.</param>
    public static string? Problem(IEnumerable<(string Database, string Name)> pools, int most, string setting)
    {
        var sizes = pools.Distinct().Select(pool => PoolSize().Match(pool.Name)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups["size"].Value, CultureInfo.InvariantCulture)).ToList();
        return sizes.Sum() + Others > most
            ? $"The {sizes.Count} pools on this server may open {sizes.Sum()} connections, and {Others} are for others, but it takes {most}: lower Postgres:PoolSize (or Maximum Pool Size in ConnectionStrings:{setting}), or raise its max_connections."
            : null;
    }

    /// <summary>What is wrong with the pools on a server now; null if nothing is.</summary>
    /// <param name="database">A database of the server.</param>
    /// <param name="setting">Name of its connection string, for the message.</param>
    /// <param name="cancellationToken">Abandons the look.</param>
    /// <exception cref="NpgsqlException">The server is unavailable.</exception>
    public static async Task<string?> FindProblemAsync(NpgsqlDataSource database, string setting, CancellationToken cancellationToken)
    {
        await using var ask = database.CreateCommand(
            """
            select current_setting('max_connections')::int, datname, application_name
            from pg_stat_activity where datname is not null and application_name is not null
            """);
        await using var rows = await ask.ExecuteReaderAsync(cancellationToken);
        var (most, pools) = (0, new List<(string, string)>());
        while (await rows.ReadAsync(cancellationToken))
        {
            most = rows.GetInt32(0);
            pools.Add((rows.GetString(1), rows.GetString(2)));
        }

        return Problem(pools, most, setting);
    }

    [GeneratedRegex(@"^pool=(?<size>\d+) ", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex PoolSize();
}
