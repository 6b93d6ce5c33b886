using Npgsql;

namespace NearbyFriends.ServiceDefaults.Schemas;

/// <summary>Spreads tables over the nodes of a Citus cluster, also those that have rows already.</summary>
/// <remarks>
/// Migrations distribute the tables that they make where Citus is there at that moment. This is for a database to which it came
/// later, and for one that was restored: a plain restore makes local tables on the coordinator, and nothing says so.
/// </remarks>
public static class Sharding
{
    private const string IsClusterSql = "select exists (select from pg_proc where proname = 'create_distributed_table')";

    private const string NodesSql = "select count(*) from pg_dist_node where isactive and noderole = 'primary' and shouldhaveshards";

    private const string IsLocalSql = """
        select to_regclass($1) is not null and not exists (select from pg_dist_partition where logicalrelid = to_regclass($1))
        """;

    private const string DistributeSql = "select create_distributed_table($1::regclass, $2, colocate_with => $3)";

    // The rows were copied to the nodes; what the coordinator still has is hidden and takes space.
    private const string DropLocalRowsSql = "select truncate_local_data_after_distributing_table($1::regclass)";

    /// <summary>Refuses a Citus cluster without a node that may hold shards: all of them would stay on the coordinator.</summary>
    /// <exception cref="InvalidOperationException">It is one.</exception>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public static async Task RequireWorkersAsync(NpgsqlDataSource database, string name, CancellationToken cancellationToken)
    {
        if (await ScalarAsync<bool>(database, IsClusterSql, cancellationToken) && await ScalarAsync<long>(database, NodesSql, cancellationToken) == 0)
        {
            throw new InvalidOperationException(
                $"The database {name} is on a Citus cluster without workers. Add them first (citus_add_node), or run 'migrate --without-workers'.");
        }
    }

    /// <summary>
    /// Distributes those tables that are local; answers their names. On a single server there is nothing to do. Writers of a table wait
    /// while its rows are copied.
    /// </summary>
    /// <param name="database">A user of it must own the tables.</param>
    /// <param name="tables">
    /// A row's value of the column decides the node, and every unique key has it. Rows of the same value lie on the same node as those
    /// of the table that it is colocated with, which comes before.
    /// </param>
    /// <param name="cancellationToken">Leaves the table in hand local, and those before it distributed.</param>
    /// <exception cref="NpgsqlException">The database is unavailable or refuses.</exception>
    public static async Task<IReadOnlyList<string>> DistributeAsync(
        NpgsqlDataSource database, IEnumerable<(string Name, string Column, string? ColocatedWith)> tables, CancellationToken cancellationToken)
    {
        var distributed = new List<string>();
        if (!await ScalarAsync<bool>(database, IsClusterSql, cancellationToken))
        {
            return distributed;
        }

        foreach (var table in tables)
        {
            if (!await ScalarAsync<bool>(database, IsLocalSql, cancellationToken, table.Name))
            {
                continue;
            }

            await ScalarAsync<object>(database, DistributeSql, cancellationToken, table.Name, table.Column, table.ColocatedWith ?? "default");
            await ScalarAsync<object>(database, DropLocalRowsSql, cancellationToken, table.Name);
            distributed.Add(table.Name);
        }

        return distributed;
    }

    private static async Task<T?> ScalarAsync<T>(NpgsqlDataSource database, string sql, CancellationToken cancellationToken, params string[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0; // copying terabytes takes hours
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }
}
