using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Redis connections with health checks.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>Registers the <see cref="IConnectionMultiplexer"/> of <c>ConnectionStrings:{connectionName}</c>.</summary>
    /// <remarks>
    /// It connects when it is resolved, and goes on trying when the server is away then. A missing connection string is
    /// an <see cref="InvalidOperationException"/> when it is resolved.
    /// </remarks>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, key: null, configureSettings, configureOptions);

    /// <summary>Registers the <see cref="IConnectionMultiplexer"/> of <c>ConnectionStrings:{name}</c> under the key <paramref name="name"/>.</summary>
    /// <inheritdoc cref="AddRedisClient" path="/remarks"/>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, name, key: name, configureSettings, configureOptions);

    private static void Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? key,
        Action<StackExchangeRedisSettings>? configureSettings,
        Action<ConfigurationOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var settings = Settings(builder.Configuration, connectionName);
        configureSettings?.Invoke(settings);

        // The keyed registration with a null key is the plain one.
        builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(key, (services, _) =>
        {
            var options = Options(builder.Configuration, settings.ConnectionString, connectionName);
            configureOptions?.Invoke(options);
            options.LoggerFactory ??= services.GetService<ILoggerFactory>();
            return ConnectionMultiplexer.Connect(options);
        });
        var check = key is null ? "StackExchange.Redis" : $"StackExchange.Redis_{connectionName}";
        if (!settings.DisableHealthChecks && builder.Properties.TryAdd($"Aspire.HealthChecks.{check}", true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                check,
                services => new AnswersHealthCheck(() => services.GetRequiredKeyedService<IConnectionMultiplexer>(key)),
                failureStatus: null,
                tags: null));
        }
    }

    private static StackExchangeRedisSettings Settings(IConfiguration configuration, string connectionName)
    {
        var settings = new StackExchangeRedisSettings();
        configuration.GetSection(Section).Bind(settings);
        configuration.GetSection(Section).GetSection(connectionName).Bind(settings);
        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        return settings;
    }

    private static ConfigurationOptions Options(IConfiguration configuration, string? connectionString, string connectionName)
    {
        var options = ConfigurationOptions.Parse(connectionString ?? "");
        if (options.Defaults.GetType() == typeof(DefaultOptionsProvider))
            options.Defaults = new TryAgain();

        configuration.GetSection(Section).GetSection("ConfigurationOptions").Bind(options);
        configuration.GetSection(Section).GetSection(connectionName).GetSection("ConfigurationOptions").Bind(options);
        return options.EndPoints.Count > 0
            ? options
            : throw new InvalidOperationException(
                $"No Redis server. Set 'ConnectionStrings:{connectionName}', or 'ConnectionString' in section '{Section}'.");
    }

    // A server that is away at the start may come later.
    private sealed class TryAgain : DefaultOptionsProvider
    {
        public override bool AbortOnConnectFail => false;
    }

    private sealed class AnswersHealthCheck(Func<IConnectionMultiplexer> connection) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                foreach (var server in connection().GetServers())
                    await server.PingAsync().WaitAsync(cancellationToken);

                return HealthCheckResult.Healthy();
            }
            catch (Exception failure)
            {
                return new(context.Registration.FailureStatus, failure.Message, failure);
            }
        }
    }
}
