using System.Reflection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace NearbyFriends.ServiceDefaults.Schemas;

/// <summary>Watches a database until it has the schema that this build needs; before that the service is not ready.</summary>
/// <remarks>Once it is there the database is not asked again: a schema only grows.</remarks>
/// <param name="database">The database.</param>
/// <param name="name">Its name, and the folder of its migrations; see <see cref="DatabaseMigrations"/>.</param>
/// <param name="migrations">Where they are embedded.</param>
/// <param name="clock">Times the pauses between looks.</param>
public sealed class SchemaReadiness(NpgsqlDataSource database, string name, Assembly migrations, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private volatile bool _isApplied;

    /// <summary>Whether the schema was there at one look.</summary>
    public bool IsApplied => _isApplied;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await LookAsync(stoppingToken) && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _isApplied = await DatabaseMigrations.AreAppliedAsync(database, migrations, name, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or OperationCanceledException)
        {
            return false; // the database is unavailable
        }
    }
}
