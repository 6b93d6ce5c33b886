using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using NearbyFriends.HistoryWorker.Streams;
using NearbyFriends.HistoryWorker.Upkeep;
using NearbyFriends.ServiceDefaults.Hosting;
using NearbyFriends.ServiceDefaults.Schemas;
using Npgsql;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker;

/// <summary>Registers the parts of the worker.</summary>
public static class HistoryWorkerServices
{
    private const int LanesPerConnection = 2;

    // Time to stop after draining: current transactions, leases, other services.
    private static readonly TimeSpan StopAfterDrain = TimeSpan.FromSeconds(20);

    /// <summary>What storing needs; also for the import, which has no stream.</summary>
    public static IServiceCollection AddHistoryStore(this IServiceCollection services)
    {
        services.AddOptions<HistoryStoreOptions>().BindConfiguration(HistoryStoreOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddMetrics();
        services.AddHistoryDatabase();
        services.AddSchemaMigration(HistorySchema.Database, HistorySchema.Migrations);
        services.AddSingleton(provider => new HistoryPartitions(provider.GetRequiredKeyedService<NpgsqlDataSource>(HistorySchema.Database)));
        services.AddSingleton<Erasures>();
        services.AddSingleton<HistoryStoreMetrics>();
        return services.AddSingleton<HistoryStore>();
    }

    /// <summary>The lanes from the streams to the store, and the upkeep of both.</summary>
    public static IServiceCollection AddHistoryLanes(this IServiceCollection services)
    {
        services.AddOptions<HistoryStreamOptions>().BindConfiguration(HistoryStreamOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HostOptions>().Configure<IOptions<HistoryStreamOptions>>(
            (host, streams) => host.ShutdownTimeout = streams.Value.DrainTime + StopAfterDrain);

        // Unique also among instances in containers, which are all process 1.
        var instance = $"{Environment.MachineName}-{Guid.NewGuid():N}";
        services.AddSingleton<HistoryStreamMetrics>();
        services.AddSingleton(provider => new DeadLetters(Redis(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new StreamGroup(
            Redis(provider), provider.GetRequiredService<DeadLetters>(), instance, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new StreamLeases(Redis(provider), instance, Options<HistoryStreamOptions>(provider).LeaseTime));
        services.AddSingleton<IReadOnlyList<StreamLane>>(Lanes);
        services.AddSingleton<StreamCoordinator>();
        services.AddSingleton<HistoryUpkeep>();
        services.AddValidatedHostedService<StreamCoordinator>();
        services.AddValidatedHostedService<HistoryUpkeep>();
        services.AddHealthChecks().AddCheck<HistoryHealth>(HistoryHealth.Name, HealthStatus.Degraded);
        return services;
    }

    private static StreamLane[] Lanes(IServiceProvider provider)
    {
        var lanes = LanesPerConnection * Options<HistoryStoreOptions>(provider).Connections;
        var maxBatchRows = Options<HistoryStreamOptions>(provider).MaxBatchRows;
        return [.. Enumerable.Range(0, lanes).Select(_ => ActivatorUtilities.CreateInstance<StreamLane>(
            provider, ActivatorUtilities.CreateInstance<BatchStore>(provider), maxBatchRows))];
    }

    private static IConnectionMultiplexer Redis(IServiceProvider provider) =>
        provider.GetRequiredKeyedService<IConnectionMultiplexer>(HistoryStreams.Server);

    private static T Options<T>(IServiceProvider provider) where T : class => provider.GetRequiredService<IOptions<T>>().Value;
}
