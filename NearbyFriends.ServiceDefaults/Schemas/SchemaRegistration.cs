using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NearbyFriends.ServiceDefaults.Health;
using NearbyFriends.ServiceDefaults.Hosting;
using Npgsql;

namespace NearbyFriends.ServiceDefaults.Schemas;

/// <summary>Registers what a service does about the schema of a database that it uses.</summary>
public static class SchemaRegistration
{
    /// <summary>Migrates the database when the service starts: its <see cref="SchemaMigration"/> has the key <paramref name="database"/>.</summary>
    /// <param name="services">Of the service; they have the database as a keyed data source.</param>
    /// <param name="database">Its key, and the folder of its migrations.</param>
    /// <param name="migrations">Where they are embedded.</param>
    public static IServiceCollection AddSchemaMigration(this IServiceCollection services, string database, Assembly migrations)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddKeyedSingleton(database, (provider, _) => new SchemaMigration(
            provider.GetRequiredKeyedService<NpgsqlDataSource>(database), database, migrations,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SchemaMigration>>()));
        return services.AddValidatedHostedService(provider => provider.GetRequiredKeyedService<SchemaMigration>(database));
    }

    /// <summary>Keeps the service unready until the database has its schema: the condition <c>{database}-schema</c>.</summary>
    /// <inheritdoc cref="AddSchemaMigration" path="/param"/>
    public static IServiceCollection AddSchemaReadiness(this IServiceCollection services, string database, Assembly migrations)
    {
        services.AddKeyedSingleton(
            database, (provider, _) => new SchemaReadiness(
                provider.GetRequiredKeyedService<NpgsqlDataSource>(database), database, migrations, provider.GetRequiredService<TimeProvider>()));
        services.AddValidatedHostedService(provider => provider.GetRequiredKeyedService<SchemaReadiness>(database));
        return services.AddReadiness($"{database}-schema", provider => provider.GetRequiredKeyedService<SchemaReadiness>(database).IsApplied
            ? null
            : $"The database {database} does not have the schema of this version yet.");
    }
}
