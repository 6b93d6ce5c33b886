using System.CommandLine;
using NearbyFriends.History;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Migrating;

/// <summary>
/// <c>NearbyFriends.Api migrate</c>: makes both databases what this version needs, and ends. The service does the same as it starts,
/// except for what an administrator must do: to create databases and logins, and to distribute tables that have rows.
/// </summary>
public static class MigrateCommand
{
    private static readonly Schema[] Schemas =
    [
        new(FriendSchema.Database, FriendSchema.Migrations, FriendSchema.Distributed),
        new(HistorySchema.Database, HistorySchema.Migrations, HistorySchema.Distributed),
    ];

    /// <summary>Whether these arguments ask for it.</summary>
    public static bool IsAsked(string[] args) => args is ["migrate", ..];

    /// <summary>Runs it; answers the exit code.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var administrator = new Option<string?>("--administrator")
        {
            Description = "Connection string of an administrator: creates the databases and logins of ConnectionStrings:users and :history where "
                + "they are missing.",
        };
        var withoutWorkers = new Option<bool>("--without-workers")
        {
            Description = "Goes on with a Citus cluster that has no worker yet. All shards are on the coordinator then, and are moved by hand later.",
        };
        var migrate = new Command("migrate", "Brings both databases to the schema of this version, and distributes tables on Citus.") { administrator, withoutWorkers };
        migrate.SetAction((parsed, cancellationToken) => MigrateAsync(parsed.GetValue(administrator), parsed.GetValue(withoutWorkers), cancellationToken));
        return new RootCommand("The Api. Without a command it serves.") { migrate }.Parse(args).InvokeAsync();
    }

    private static async Task<int> MigrateAsync(string? administrator, bool withoutWorkers, CancellationToken cancellationToken)
    {
        var configuration = WebApplication.CreateBuilder().Configuration;
        try
        {
            foreach (var schema in Schemas)
            {
                var connection = configuration.GetConnectionString(schema.Database)
                    ?? throw new InvalidOperationException($"ConnectionStrings:{schema.Database} is not set.");
                if (administrator is not null)
                {
                    Report(schema.Database, await DatabaseCreation.CreateAsync(administrator, connection, cancellationToken));
                }

                await using var database = NpgsqlDataSource.Create(connection);
                Report(schema.Database, await schema.MigrateAsync(database, withoutWorkers, cancellationToken));
            }

            return 0;
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static void Report(string database, IReadOnlyList<string> done)
    {
        foreach (var line in done)
        {
            Console.WriteLine($"{database}: {line}");
        }
    }
}
