using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace Aspire.Hosting.Standalone;

/// <summary>
/// The machine's PostgreSQL on a cluster of this system's own. It refuses to run as root, so under root it runs as the user that
/// its package brings.
/// </summary>
static class PostgresServer
{
    const string PackageUser = "postgres";

    public static async Task<ProcessPlan> Plan(ServerSetup setup)
    {
        var programs = Programs();
        var user = Machine.IsRoot ? PackageUser : null;
        var folder = await ReachableBy(user, setup.DataFolder, setup.Cancel);
        if (!File.Exists(Path.Combine(folder, "PG_VERSION")))
            await Initialize(programs, folder, user, (PostgresServerResource)setup.Resource, setup.Cancel);
        else
            await CheckVersion(programs, folder, setup.Cancel);

        string[] settings =
        [
            "-D", folder,
            "-c", string.Create(CultureInfo.InvariantCulture, $"port={setup.Port}"),
            "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=",
            // Data that ends with the run need not survive the machine's.
            .. setup.Keeps ? Array.Empty<string>() : ["-c", "fsync=off"],
        ];
        return new ProcessPlan(Path.Combine(programs, "postgres"), [.. settings, .. setup.Arguments])
        {
            User = user,
            StopWith = Signal.Interrupt,
            IfOrphaned = Signal.Interrupt,
        };
    }

    public static async Task Check(Instance instance, CancellationToken cancel)
    {
        await using var connection = await Connect((PostgresServerResource)instance.Resource, "postgres", cancel);
    }

    /// <summary>Creates the database if it is not there. The server is healthy by now.</summary>
    public static async Task CheckDatabase(Instance instance, CancellationToken cancel)
    {
        var database = (PostgresDatabaseResource)instance.Resource;
        try
        {
            await using var connection = await Connect(database.Parent, database.DatabaseName, cancel);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await using var connection = await Connect(database.Parent, "postgres", cancel);
            var name = new NpgsqlCommandBuilder().QuoteIdentifier(database.DatabaseName);
#pragma warning disable CA2100 // A database's name cannot be a parameter; it is quoted.
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
#pragma warning restore CA2100
            await create.ExecuteNonQueryAsync(cancel);
        }
    }

    static async Task<NpgsqlConnection> Connect(PostgresServerResource server, string database, CancellationToken cancel)
    {
        var connection = new NpgsqlConnection($"{await server.GetConnectionStringAsync(cancel)};Database={database};Pooling=false");
        try
        {
            await connection.OpenAsync(cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    static async Task Initialize(string programs, string folder, string? user, PostgresServerResource server, CancellationToken cancel)
    {
        // initdb reads the password from a file; beside the data, which only its owner may enter.
        var password = folder + ".password";
        await File.WriteAllTextAsync(password, await server.PasswordParameter.GetValueAsync(cancel), cancel);
        try
        {
            if (user is not null) await Must(new ProcessPlan("chown", [$"{user}:", folder, password]), cancel);
            await Must(
                new ProcessPlan(Path.Combine(programs, "initdb"),
                [
                    "-D", folder, "-U", await server.User(cancel), $"--pwfile={password}", "--auth=scram-sha-256",
                    "--encoding=UTF8", "--locale=C",
                ])
                { User = user },
                cancel);
        }
        finally
        {
            File.Delete(password);
        }
    }

    static async Task CheckVersion(string programs, string folder, CancellationToken cancel)
    {
        var data = (await File.ReadAllTextAsync(Path.Combine(folder, "PG_VERSION"), cancel)).Trim();
        var (_, output) = await Machine.Run(new ProcessPlan(Path.Combine(programs, "postgres"), ["--version"]), cancel);
        if (!output.Contains($" {data}.", StringComparison.Ordinal))
            throw new DistributedApplicationException($"{folder} was written by PostgreSQL {data}, but {output.Trim()} is installed. Move it away.");
    }

    /// <summary>
    /// <paramref name="folder"/>, or a place outside a home that its owner keeps closed: whoever the server runs as must be
    /// able to walk there.
    /// </summary>
    static async Task<string> ReachableBy(string? user, string folder, CancellationToken cancel)
    {
        if (user is null) return folder;

        var (exit, _) = await Machine.Run(new ProcessPlan("test", ["-x", Path.GetDirectoryName(folder)!]) { User = user }, cancel);
        if (exit == 0) return folder;

        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..12];
        var elsewhere = Path.Combine("/var/tmp", $"nearbyfriends-{key}");
        Directory.CreateDirectory(elsewhere);
        ConsoleLines.Of("postgres").Write($"The user {user} cannot enter {folder}; the data is in {elsewhere}.");
        return elsewhere;
    }

    /// <summary>Debian keeps its programs, by version, off the PATH. The newest is taken.</summary>
    static string Programs()
    {
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(Version).Select(path => Path.Combine(path, "bin"))
            : [];
        return Path.GetDirectoryName(Machine.Find("initdb", "postgresql", versions))!;
    }

    static int Version(string path) => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number) ? number : 0;

    static async Task Must(ProcessPlan plan, CancellationToken cancel)
    {
        var (exit, output) = await Machine.Run(plan, cancel);
        if (exit != 0) throw new DistributedApplicationException($"{plan.Program} failed: {output.Trim()}");
    }
}
