using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace NearbyFriends.ServiceDefaults.Servers;

/// <summary>Registers the Redis servers that a service uses.</summary>
public static class RedisServers
{
    /// <summary>The setting with the file (PEM) of the authority that signed the servers' certificates, where the machine does not trust it.</summary>
    private const string CertificateAuthority = "Redis:CertificateAuthority";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstReconnectPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestReconnectPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Registers the <see cref="IConnectionMultiplexer"/> of <c>ConnectionStrings:{name}</c> under the key
    /// <paramref name="name"/>, with its health check.
    /// </summary>
    /// <remarks>
    /// The service starts also while the server is unavailable: the connection keeps trying, with growing pauses. Meanwhile
    /// commands fail at once instead of waiting in the client, because each caller knows better what to do: a location
    /// queued there would be stale when it left. A missing connection string stops the service at start.
    /// </remarks>
    /// <param name="builder">The service.</param>
    /// <param name="name">Of the connection string, and of the key.</param>
    public static void AddRedisServer(this IHostApplicationBuilder builder, string name)
    {
        RequiredConnection.Add(builder.Services, name, "localhost:6379,password=secret");
        // Not traced by command: the spans of an update say more, and a profile of each command would cost more than the command.
        builder.AddKeyedRedisClient(name, settings => settings.DisableTracing = true, options => Configure(options, builder.Environment.ApplicationName, builder.Configuration));
        RequiredConnection.DegradeWhileUnavailable(builder.Services, $"StackExchange.Redis_{name}");
    }

    /// <summary>The same for a server that must not forget by itself what was written: it is warned about when it would.</summary>
    /// <inheritdoc cref="AddRedisServer" path="/remarks"/>
    /// <inheritdoc cref="AddRedisServer" path="/param"/>
    public static void AddRedisServerThatKeeps(this IHostApplicationBuilder builder, string name)
    {
        builder.AddRedisServer(name);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IHostedService>(services => new StartCheck(
            _ => MemoryPolicy.FindProblemAsync(services.GetRequiredKeyedService<IConnectionMultiplexer>(name), name),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<StartCheck>>()));
    }

    /// <summary>
    /// Registers the servers that <c>Fanout:Servers</c> and <c>Fanout:Standbys</c> name, or with <c>Fanout:Transport=Cluster</c>
    /// the Redis Cluster that <c>Fanout:Cluster</c> names, or with <c>Fanout:Transport=Actors</c> the Redis that keeps the silos'
    /// membership; while one is unavailable, the service continues, degraded.
    /// Others, which the ring takes in later, are connected to when they are first asked for.
    /// </summary>
    /// <inheritdoc cref="AddRedisServer" path="/remarks"/>
    public static void AddPubSubServers(this IHostApplicationBuilder builder)
    {
        switch (builder.Configuration["Fanout:Transport"]?.ToUpperInvariant())
        {
            case "CLUSTER":
                builder.AddRedisServer(builder.Configuration["Fanout:Cluster"] ?? "redis-cluster");
                return;
            case "ACTORS":
                builder.AddRedisServer(builder.Configuration["Orleans:Clustering:ServiceKey"] ?? "membership");
                return;
        }

        foreach (var list in new[] { "Fanout:Servers", "Fanout:Standbys" })
        {
            foreach (var name in builder.Configuration.GetSection(list).Get<string[]>() ?? [])
            {
                builder.AddRedisServer(name);
            }
        }

        builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(
            KeyedService.AnyKey, (services, name) => Connect((string)name!, services.GetRequiredService<IConfiguration>(), builder.Environment.ApplicationName));
    }

    private static ConnectionMultiplexer Connect(string name, IConfiguration configuration, string clientName)
    {
        var options = ConfigurationOptions.Parse(
            configuration.GetConnectionString(name) ?? throw new InvalidOperationException($"ConnectionStrings:{name} is not set; it must say where the server is."));
        Configure(options, clientName, configuration);
        return ConnectionMultiplexer.Connect(options);
    }

    private static void Configure(ConfigurationOptions options, string clientName, IConfiguration configuration)
    {
        if (configuration[CertificateAuthority] is { Length: > 0 } file)
        {
            options.TrustIssuer(file);
        }

        options.ClientName = clientName;
        options.AllowAdmin = true; // INFO, for the operations page; CLUSTER, for the health of a cluster
        options.IncludeDetailInExceptions = false; // the detail has the key, and with it a user's id or a ticket; messages reach logs
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        options.SyncTimeout = (int)CommandTimeout.TotalMilliseconds;
        options.AsyncTimeout = (int)CommandTimeout.TotalMilliseconds;
        options.KeepAlive = (int)KeepAlive.TotalSeconds;
        options.ReconnectRetryPolicy = new ExponentialRetry(
            (int)FirstReconnectPause.TotalMilliseconds, (int)LongestReconnectPause.TotalMilliseconds);
    }
}
