using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers PostgreSQL data sources with health checks, traces and metrics.</summary>
public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string Section = "Aspire:Npgsql";
    private const string Telemetry = "Npgsql";

    /// <summary>Registers the <see cref="NpgsqlDataSource"/> of <c>ConnectionStrings:{connectionName}</c>.</summary>
    /// <remarks>A missing connection string is an <see cref="InvalidOperationException"/> when the data source is resolved.</remarks>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null) =>
        Add(builder, connectionName, key: null, configureSettings, configureDataSourceBuilder);

    /// <summary>Registers the <see cref="NpgsqlDataSource"/> of <c>ConnectionStrings:{name}</c> under the key <paramref name="name"/>.</summary>
    /// <inheritdoc cref="AddNpgsqlDataSource" path="/remarks"/>
    public static void AddKeyedNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string name,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null) =>
        Add(builder, name, key: name, configureSettings, configureDataSourceBuilder);

    private static void Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? key,
        Action<NpgsqlSettings>? configureSettings,
        Action<NpgsqlDataSourceBuilder>? configureDataSource)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var settings = Settings(builder.Configuration, connectionName);
        configureSettings?.Invoke(settings);

        // The keyed registration with a null key is the plain one.
        builder.Services.AddKeyedSingleton(key, (services, _) => Create(services, settings.ConnectionString, connectionName, configureDataSource));
        var check = key is null ? "PostgreSql" : $"PostgreSql_{connectionName}";
        if (!settings.DisableHealthChecks && builder.Properties.TryAdd($"Aspire.HealthChecks.{check}", true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                check,
                services => new AnswersHealthCheck(() => services.GetRequiredKeyedService<NpgsqlDataSource>(key)),
                failureStatus: null,
                tags: null));
        }

        if (!settings.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(Telemetry));

        if (!settings.DisableMetrics)
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Telemetry));
    }

    private static NpgsqlSettings Settings(IConfiguration configuration, string connectionName)
    {
        var settings = new NpgsqlSettings();
        configuration.GetSection(Section).Bind(settings);
        configuration.GetSection(Section).GetSection(connectionName).Bind(settings);
        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        return settings;
    }

    private static NpgsqlDataSource Create(
        IServiceProvider services, string? connectionString, string connectionName, Action<NpgsqlDataSourceBuilder>? configure)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new InvalidOperationException(
                $"No connection string. Set 'ConnectionStrings:{connectionName}', or 'ConnectionString' in section '{Section}'.");
        }

        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.UseLoggerFactory(services.GetService<ILoggerFactory>());
        configure?.Invoke(builder);
        return builder.Build();
    }

    private sealed class AnswersHealthCheck(Func<NpgsqlDataSource> dataSource) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var connection = await dataSource().OpenConnectionAsync(cancellationToken);
                await using var ask = new NpgsqlCommand("select 1", connection);
                await ask.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception failure)
            {
                return new(context.Registration.FailureStatus, failure.Message, failure);
            }
        }
    }
}
