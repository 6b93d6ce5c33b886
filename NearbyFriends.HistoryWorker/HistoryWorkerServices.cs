using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;
using NearbyFriends.HistoryWorker.Streams;
using StackExchange.Redis;

namespace NearbyFriends.HistoryWorker;

/// <summary>Registers the parts of the worker.</summary>
public static class HistoryWorkerServices
{
    private const int LanesPerConnection = 2;

    /// <summary>What storing needs: also the import, which has no stream.</summary>
    public static IServiceCollection AddHistoryStore(this IServiceCollection services)
    {
        services.AddOptions<HistoryWorkerOptions>().BindConfiguration(HistoryWorkerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddMetrics();
        services.AddHistoryDatabase();
        services.AddSingleton(provider => new HistoryPartitions(provider.GetRequiredKeyedService<Npgsql.NpgsqlDataSource>(HistorySchema.Database)));
        services.AddSingleton<Erasures>();
        services.AddSingleton<HistoryWorkerMetrics>();
        return services.AddSingleton<HistoryStore>();
    }

    /// <summary>The lanes from the streams to the store, and the upkeep of both.</summary>
    public static IServiceCollection AddHistoryLanes(this IServiceCollection services)
    {
        // Unique also among instances in containers, which are all process 1.
        var instance = $"{Environment.MachineName}-{Guid.NewGuid():N}";
        services.AddSingleton(provider => new StreamGroup(Redis(provider), instance, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new StreamLeases(Redis(provider), instance, Options(provider).LeaseTime));
        services.AddSingleton<IReadOnlyList<StreamLane>>(provider =>
            [.. Enumerable.Range(0, LanesPerConnection * Options(provider).Connections).Select(_ => ActivatorUtilities.CreateInstance<StreamLane>(
                provider, ActivatorUtilities.CreateInstance<BatchStore>(provider), Options(provider).MaxBatchRows))]);
        services.AddSingleton<StreamCoordinator>();
        services.AddSingleton<HistoryUpkeep>();
        services.AddValidatedHostedService<StreamCoordinator>();
        services.AddValidatedHostedService<HistoryUpkeep>();
        services.AddHealthChecks().AddCheck<HistoryHealth>(HistoryHealth.Name, HealthStatus.Degraded);
        return services;
    }

    private static IConnectionMultiplexer Redis(IServiceProvider provider) =>
        provider.GetRequiredKeyedService<IConnectionMultiplexer>(HistoryStreams.Server);

    private static HistoryWorkerOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<HistoryWorkerOptions>>().Value;
}
