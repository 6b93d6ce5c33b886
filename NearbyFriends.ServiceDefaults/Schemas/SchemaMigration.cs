using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace NearbyFriends.ServiceDefaults.Schemas;

/// <summary>Migrates a database when the service starts, however late the database, or the first worker of a cluster, comes up.</summary>
/// <param name="database">The database.</param>
/// <param name="name">Its name, and the folder of its migrations; see <see cref="DatabaseMigrations"/>.</param>
/// <param name="migrations">Where they are embedded.</param>
/// <param name="clock">Times the pauses between attempts.</param>
/// <param name="logger">Reports what was applied, and the first failure.</param>
public sealed partial class SchemaMigration(
    NpgsqlDataSource database, string name, Assembly migrations, TimeProvider clock, ILogger<SchemaMigration> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the schema is up to date; cancelled when the service stops before.</summary>
    public Task Ready => _ready.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var attempt = 0; !_ready.Task.IsCompleted; attempt++)
        {
            try
            {
                if (!await DatabaseMigrations.AreAppliedAsync(database, migrations, name, stoppingToken))
                {
                    await Sharding.RequireWorkersAsync(database, name, stoppingToken);
                }

                foreach (var file in await DatabaseMigrations.ApplyAsync(database, migrations, name, stoppingToken))
                {
                    LogApplied(file);
                }

                _ready.SetResult();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                _ready.SetCanceled(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
            {
                if (attempt == 0)
                {
                    LogNotYet(e, name);
                }

                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Applied {Migration}")]
    private partial void LogApplied(string migration);

    [LoggerMessage(LogLevel.Warning, "The database {Database} cannot be migrated yet")]
    private partial void LogNotYet(Exception failure, string database);
}
