using System.Reflection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace NearbyFriends.ServiceDefaults.Schemas;

/// <summary>Keeps a service unready until a database has the schema that this build needs.</summary>
/// <remarks>Once it is there the database is not asked again: a schema only grows.</remarks>
/// <param name="database">The database.</param>
/// <param name="name">Its name, and the folder of its migrations; see <see cref="DatabaseMigrations"/>.</param>
/// <param name="migrations">Where they are embedded.</param>
public sealed class SchemaReadiness(NpgsqlDataSource database, string name, Assembly migrations) : IHealthCheck
{
    private volatile bool _applied;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        _applied = _applied || await DatabaseMigrations.AreAppliedAsync(database, migrations, name, cancellationToken);
        return _applied
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, $"The database {name} does not have the schema of this version yet.");
    }
}
