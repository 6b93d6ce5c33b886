using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NearbyFriends.HistoryWorker.Streams;
using NearbyFriends.HistoryWorker.Upkeep;

namespace NearbyFriends.HistoryWorker;

/// <summary>Readiness of the worker, with how far behind it is. Degraded, not unhealthy, while points wait: the stream holds them.</summary>
public sealed class HistoryHealth(StreamCoordinator coordinator, HistoryUpkeep upkeep, HistoryStreamMetrics metrics) : IHealthCheck
{
    public const string Name = "history";

    private static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var lag = metrics.Lag;
        var details = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["streams"] = metrics.Streams,
            ["lagEntries"] = lag.Entries,
            ["lagSeconds"] = Math.Round(lag.Age.TotalSeconds, 3),
        };
        var description = $"{metrics.Streams} streams, {lag.Entries} entries behind, the oldest for {lag.Age.TotalSeconds:F1} s";
        return Task.FromResult((coordinator.Trouble ?? upkeep.Trouble, lag.Age > Late) switch
        {
            ({ } trouble, _) => HealthCheckResult.Degraded($"{description}: {trouble}", data: details),
            (null, true) => HealthCheckResult.Degraded(description, data: details),
            _ => HealthCheckResult.Healthy(description, details),
        });
    }

    /// <summary>Adds <c>/health/history</c>: this check alone, with its details as JSON.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapHealthChecks("/health/history", new HealthCheckOptions { Predicate = check => check.Name == Name, ResponseWriter = WriteAsync })
        .DisableHttpMetrics();

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var entry = report.Entries[Name];
        var answer = new Dictionary<string, object?>(entry.Data!, StringComparer.Ordinal) { ["status"] = entry.Status.ToString(), ["description"] = entry.Description };
        return context.Response.WriteAsJsonAsync(answer);
    }
}
