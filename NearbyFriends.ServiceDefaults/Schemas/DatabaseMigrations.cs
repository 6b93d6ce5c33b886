using System.Reflection;
using Npgsql;

namespace NearbyFriends.ServiceDefaults.Schemas;

/// <summary>Brings a database to the schema that this version of the code needs.</summary>
/// <remarks>
/// A migration is an SQL file embedded in an assembly as <c>{folder}/{number}-{name}.sql</c>; the files are applied in
/// the order of their names, each once, all pending ones in one transaction under an advisory lock. So any number of
/// services may start at the same moment: the first migrates, the others wait for it and find nothing left to do. It takes as long as
/// it takes, an index of a large table hours: the time-out of commands does not hold for it.
/// A file that was released is never changed; the next change is another file.
/// </remarks>
public static class DatabaseMigrations
{
    // Any number does, as long as all services use the same one; advisory locks are local to a database.
    private const long Lock = 0x4E46_4D49_4752; // "NFMIGR"

    /// <summary>Applies what is pending and answers the names of the files that were applied.</summary>
    /// <param name="database">A user of it must be allowed to create tables.</param>
    /// <param name="assembly">Where the files are embedded.</param>
    /// <param name="folder">The first part of their logical names, such as <c>history</c>.</param>
    /// <param name="cancellationToken">Abandons the transaction.</param>
    /// <exception cref="NpgsqlException">The database is unavailable, or a file fails; nothing was changed then.</exception>
    public static async Task<IReadOnlyList<string>> ApplyAsync(
        NpgsqlDataSource database, Assembly assembly, string folder, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var prepare = new NpgsqlCommand("select pg_advisory_xact_lock(@lock)", connection, transaction) { CommandTimeout = 0 })
        {
            prepare.Parameters.AddWithValue("lock", Lock);
            await prepare.ExecuteNonQueryAsync(cancellationToken);
        }

        var done = await AppliedAsync(connection, transaction, cancellationToken);
        var applied = new List<string>();
        foreach (var name in Files(assembly, folder).Where(name => !done.Contains(name)))
        {
            await using var migrate = new NpgsqlCommand(await ReadAsync(assembly, name, cancellationToken), connection, transaction) { CommandTimeout = 0 };
            await migrate.ExecuteNonQueryAsync(cancellationToken);
            await using var record = new NpgsqlCommand("insert into schema_migrations (name) values ($1)", connection, transaction) { CommandTimeout = 0 };
            record.Parameters.Add(new() { Value = name });
            await record.ExecuteNonQueryAsync(cancellationToken);
            applied.Add(name);
        }

        await transaction.CommitAsync(cancellationToken);
        return applied;
    }

    /// <summary>Whether nothing is pending; asks without a lock, so a service that only reads may ask.</summary>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public static async Task<bool> AreAppliedAsync(
        NpgsqlDataSource database, Assembly assembly, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await using var count = database.CreateCommand("select count(*) from schema_migrations where name = any($1)");
            var names = Files(assembly, folder).ToArray();
            count.Parameters.Add(new() { Value = names });
            return (long)(await count.ExecuteScalarAsync(cancellationToken))! == names.Length;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return false; // nobody has begun
        }
    }

    private static async Task<HashSet<string>> AppliedAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        const string Sql = """
            create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now());
            select name from schema_migrations;
            """;
        await using var command = new NpgsqlCommand(Sql, connection, transaction) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static IOrderedEnumerable<string> Files(Assembly assembly, string folder) =>
        assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static async Task<string> ReadAsync(Assembly assembly, string name, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
