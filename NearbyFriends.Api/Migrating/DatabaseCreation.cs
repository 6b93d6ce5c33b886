using Npgsql;

namespace NearbyFriends.Api.Migrating;

/// <summary>Creates a database and the login that owns it, as a service's connection string names them.</summary>
public static class DatabaseCreation
{
    /// <summary>Creates what is missing; answers what was created. A login that exists keeps its password.</summary>
    /// <param name="administrator">Connection string of one who may create databases and roles.</param>
    /// <param name="service">Connection string of the service.</param>
    /// <param name="cancellationToken">Leaves what was created so far.</param>
    /// <exception cref="NpgsqlException">The server is unavailable, or refuses.</exception>
    public static async Task<IReadOnlyList<string>> CreateAsync(string administrator, string service, CancellationToken cancellationToken)
    {
        var wanted = new NpgsqlConnectionStringBuilder(service);
        var (database, login) = (wanted.Database!, wanted.Username!);
        var created = new List<string>();
        await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(administrator) { Database = "postgres" });
        if (!await ExistsAsync(server, "select exists (select from pg_roles where rolname = $1)", login, cancellationToken))
        {
            // The statement takes no parameters.
            await ExecuteAsync(server, $"create role {Identifier(login)} login password {Literal(wanted.Password ?? "")}", cancellationToken);
            created.Add($"created the login {login}");
        }

        if (!await ExistsAsync(server, "select exists (select from pg_database where datname = $1)", database, cancellationToken))
        {
            await ExecuteAsync(server, $"create database {Identifier(database)} owner {Identifier(login)}", cancellationToken);
            created.Add($"created the database {database}");
        }

        return created;
    }

    private static async Task<bool> ExistsAsync(NpgsqlDataSource server, string sql, string name, CancellationToken cancellationToken)
    {
        await using var command = server.CreateCommand(sql);
        command.Parameters.Add(new() { Value = name });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource server, string sql, CancellationToken cancellationToken)
    {
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
