using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NearbyFriends.Core.Migrations;
using Npgsql;

namespace NearbyFriends.People;

/// <summary>Migrates the database <c>users</c> when the service that owns it starts, however late the database comes up.</summary>
public sealed class FriendSchema(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, TimeProvider clock, ILogger<FriendSchema> logger) : BackgroundService
{
    /// <summary>Connection name of the Postgres database; also the key of its <c>NpgsqlDataSource</c>.</summary>
    public const string Database = "users";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Brings the database to the schema that this build needs.</summary>
    /// <exception cref="NpgsqlException">The database is away, or a file fails; nothing was changed then.</exception>
    public static Task<IReadOnlyList<string>> ApplyAsync(NpgsqlDataSource database, CancellationToken cancellationToken) =>
        DatabaseMigrations.ApplyAsync(database, typeof(FriendSchema).Assembly, Database, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var name in await ApplyAsync(database, stoppingToken))
                    logger.LogInformation("Applied {Migration}", name);

                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                logger.LogWarning("Database {Database} cannot be migrated yet: {Reason}", Database, e.Message);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}

/// <summary>Keeps a service unready until the database <c>users</c> has the schema that this build needs.</summary>
/// <remarks>Once it is there the database is not asked again: a schema only grows.</remarks>
public sealed class FriendSchemaReadiness([FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database) : IHealthCheck
{
    private volatile bool _applied;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        _applied = _applied
            || await DatabaseMigrations.AreAppliedAsync(database, typeof(FriendSchema).Assembly, FriendSchema.Database, cancellationToken);
        return _applied
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, $"Database {FriendSchema.Database} awaits its schema.");
    }
}
