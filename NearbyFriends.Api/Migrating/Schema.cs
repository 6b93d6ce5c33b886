using System.Reflection;
using NearbyFriends.ServiceDefaults.Schemas;
using Npgsql;

namespace NearbyFriends.Api.Migrating;

/// <summary>What this version needs of a database.</summary>
/// <param name="Database">Its name, and the folder of its migrations.</param>
/// <param name="Migrations">Where they are embedded.</param>
/// <param name="Distributed">The tables that a Citus cluster spreads over its nodes; see <see cref="Sharding.DistributeAsync"/>.</param>
public sealed record Schema(
    string Database, Assembly Migrations, IReadOnlyList<(string Name, string Column, string? ColocatedWith)> Distributed)
{
    /// <summary>Brings the database there; answers what was done. Idempotent.</summary>
    /// <param name="database">The database; its user owns it.</param>
    /// <param name="withoutWorkers">Whether a cluster that has no worker yet will do.</param>
    /// <param name="cancellationToken">Leaves what was done so far.</param>
    /// <exception cref="InvalidOperationException">It is a cluster without workers, which will not do; nothing was changed.</exception>
    /// <exception cref="NpgsqlException">The database is unavailable, or refuses.</exception>
    public async Task<IReadOnlyList<string>> MigrateAsync(NpgsqlDataSource database, bool withoutWorkers, CancellationToken cancellationToken)
    {
        if (!withoutWorkers)
        {
            await Sharding.RequireWorkersAsync(database, Database, cancellationToken);
        }

        var applied = await DatabaseMigrations.ApplyAsync(database, Migrations, Database, cancellationToken);
        var distributed = await Sharding.DistributeAsync(database, Distributed, cancellationToken);
        return [.. applied.Select(file => $"applied {file}"), .. distributed.Select(table => $"distributed {table}")];
    }
}
