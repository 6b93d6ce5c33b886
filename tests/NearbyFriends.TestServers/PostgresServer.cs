using System.Globalization;
using Npgsql;

namespace NearbyFriends.TestServers;

/// <summary>
/// A real PostgreSQL server on a free port, its data in a temporary folder. It does not wait for the disk (fsync off):
/// fast, and what was committed still survives <see cref="KillAsync"/>, though not a loss of power.
/// </summary>
/// <example><code>
/// await using var postgres = await PostgresServer.StartAsync();
/// await using var users = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync("users"));
/// </code></example>
public sealed class PostgresServer : IKillable, IAsyncDisposable
{
    private const string Remedy =
        "install PostgreSQL 15 or later (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql)";

    // PostgreSQL refuses to run as root; its packages create this user.
    private const string UserInsteadOfRoot = "postgres";

    private readonly DirectoryInfo _folder;
    private ServerProcess _process = null!;

    private PostgresServer(int port, DirectoryInfo folder) => (Port, _folder) = (port, folder);

    /// <summary>The TCP port on 127.0.0.1; the same after <see cref="RestartAsync"/>.</summary>
    public int Port { get; }

    /// <summary>The server's process number.</summary>
    public int ProcessId => _process.Id;

    private static string Folder { get; } = NewestInstallation();

    private string DataFolder => Path.Combine(_folder.FullName, "data");

    /// <summary>Creates a cluster, starts its server and waits until it answers; takes some two seconds.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed; the message says how to get it.</exception>
    public static async Task<PostgresServer> StartAsync()
    {
        var initdb = Programs.Require("initdb", Remedy, Folder);
        var folder = Directory.CreateTempSubdirectory("nearbyfriends-postgres-");
        try
        {
            // Another user may create its data folder in there, which is closed to others then.
            if (!OperatingSystem.IsWindows())
            {
                folder.UnixFileMode |= UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
            }

            await ServerProcess.RunAsync(
                initdb,
                ["-D", Path.Combine(folder.FullName, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                UserInsteadOfRoot);
            return await FreePort.UseAsync(async port =>
            {
                var server = new PostgresServer(port, folder);
                server._process = await server.LaunchAsync();
                return server;
            });
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Creates an empty database.</summary>
    /// <param name="name">A lower-case identifier.</param>
    /// <returns>Its connection string, as Npgsql takes it.</returns>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var create = connection.CreateCommand();
        create.CommandText = $"create database \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await create.ExecuteNonQueryAsync();
        return ConnectionString(name, pooling: true);
    }

    /// <summary>From now on a user of a database needs TLS and a password.</summary>
    /// <returns>The connection string of such a user.</returns>
    public async Task<string> RequireTlsAsync(string database, TestAuthority authority, string password)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database));
        await connection.OpenAsync();
        foreach (var statement in (string[])
            [
                Copy(authority.CertificatePem, "server.crt"), Copy(authority.KeyPem, "server.key"),
                Copy("hostssl all secured 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust", "pg_hba.conf"),
                $"create role secured login superuser password '{password}'", "alter system set ssl = on", "select pg_reload_conf()",
            ])
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }

        return $"Host=localhost;Port={Port};Username=secured;Password={password};Database={database};SSL Mode=VerifyFull;Root Certificate={authority.AuthorityFile}";

        // The server writes its files itself, for it may run as another user.
        static string Copy(string text, string file) =>
            $"copy (select string_to_table('{text.Trim()}', E'\\n')) to program 'umask 077; cat > {file}'";
    }

    /// <summary>Takes the server away at once (SIGKILL) and waits until it is gone.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it again on the same port with its data; kills it before when it still runs.</summary>
    public async Task RestartAsync() => _process = await _process.RestartAsync(LaunchAsync);

    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

    public async ValueTask DisposeAsync()
    {
        // An immediate shutdown also ends the backends and gives the shared memory back, which a kill does not.
        await _process.QuitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string NewestInstallation() =>
        new[] { "/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt" }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.GetDirectories(folder))
            .Select(folder => Path.Combine(folder, "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
            .OrderByDescending(Version)
            .FirstOrDefault("");

    // .../postgresql/15/bin, .../postgresql@17/bin
    private static int Version(string folder) =>
        int.TryParse(Path.GetFileName(Path.GetDirectoryName(folder))!.Replace("postgresql@", "", StringComparison.Ordinal), out var version) ? version : 0;

    private Task<ServerProcess> LaunchAsync() => ServerProcess.StartAndAnswerAsync(
        () => ServerProcess.StartAsync(
            Programs.Require("postgres", Remedy, Folder),
            [
                "-D", DataFolder, "-p", Port.ToString(CultureInfo.InvariantCulture),
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300",
            ],
            UserInsteadOfRoot),
        AnswersAsync);

    // The data folder tells this server from one that took the port a moment earlier.
    private async Task<bool> AnswersAsync(ServerProcess process)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var folder = connection.CreateCommand();
        folder.CommandText = "show data_directory";
        return (string?)await folder.ExecuteScalarAsync() == DataFolder;
    }

    private string ConnectionString(string database, bool pooling = false) =>
        $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database};Pooling={pooling}";
}
