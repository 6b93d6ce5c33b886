using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NearbyFriends.Core.Migrations;
using Npgsql;

namespace NearbyFriends.History;

/// <summary>Migrates the database <c>history</c> when a service starts, however late the database comes up.</summary>
public sealed class HistorySchema(
    [FromKeyedServices(HistorySchema.Database)] NpgsqlDataSource database, TimeProvider clock, ILogger<HistorySchema> log) : BackgroundService
{
    /// <summary>Connection name of the Postgres database; also the key of its <c>NpgsqlDataSource</c>.</summary>
    public const string Database = "history";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the schema is up to date.</summary>
    public Task Ready => _ready.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var attempt = 0; !_ready.Task.IsCompleted; attempt++)
        {
            try
            {
                foreach (var name in await DatabaseMigrations.ApplyAsync(database, typeof(HistorySchema).Assembly, "history", stoppingToken))
                {
                    log.LogInformation("Applied {Migration}", name);
                }

                _ready.SetResult();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                _ready.SetCanceled(stoppingToken);
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
            {
                if (attempt == 0)
                {
                    log.LogWarning(exception, "The history database cannot be migrated yet");
                }

                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
