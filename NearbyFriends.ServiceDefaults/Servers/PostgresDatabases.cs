using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NearbyFriends.ServiceDefaults.Telemetry;
using Npgsql;

namespace NearbyFriends.ServiceDefaults.Servers;

/// <summary>Registers the PostgreSQL databases that a service uses.</summary>
public static class PostgresDatabases
{
    private const int DefaultPoolSize = 20;

    /// <summary>
    /// Registers the <see cref="NpgsqlDataSource"/> of <c>ConnectionStrings:{name}</c> under the key
    /// <paramref name="name"/>, with its health check, traces and metrics.
    /// </summary>
    /// <remarks>
    /// The service also starts while the server is unavailable. A missing connection string stops it at start. A process has at most
    /// <c>Postgres:PoolSize</c> connections to a database (20), unless the connection string says otherwise: what all processes have
    /// together must stay below the server's <c>max_connections</c>, which is looked at when it starts.
    /// </remarks>
    /// <param name="builder">The service.</param>
    /// <param name="name">Of the connection string, and of the key.</param>
    public static void AddPostgresDatabase(this IHostApplicationBuilder builder, string name)
    {
        RequiredConnection.Add(builder.Services, name, $"Host=localhost;Username=postgres;Password=secret;Database={name}");
        var poolSize = builder.Configuration.GetValue("Postgres:PoolSize", DefaultPoolSize);
        builder.AddKeyedNpgsqlDataSource(name, configureDataSourceBuilder: database =>
        {
            if (!database.ConnectionStringBuilder.ShouldSerialize("Maximum Pool Size"))
            {
                database.ConnectionStringBuilder.MaxPoolSize = poolSize;
            }

            database.ConnectionStringBuilder.ApplicationName ??= ConnectionBudget.NameOf(
                builder.Environment.ApplicationName, ServiceInstance.Name, database.ConnectionStringBuilder.MaxPoolSize);
            database.ConfigureTracing(tracing => tracing
                .ConfigureCommandSpanNameProvider(command => QueryName.Of(command.CommandText))
                .ConfigureBatchSpanNameProvider(batch => QueryName.Of(batch.BatchCommands[0].CommandText))
                .ConfigureCopyOperationSpanNameProvider(QueryName.Of));
        });
        RequiredConnection.DegradeWhileUnavailable(builder.Services, $"PostgreSql_{name}");
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IHostedService>(services => new StartCheck(
            cancellationToken => ConnectionBudget.FindProblemAsync(services.GetRequiredKeyedService<NpgsqlDataSource>(name), name, cancellationToken),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<StartCheck>>()));
    }
}
