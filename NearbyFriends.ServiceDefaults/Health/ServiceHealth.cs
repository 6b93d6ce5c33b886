using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NearbyFriends.ServiceDefaults.Health;

/// <summary>
/// How this process is: whether it can serve, asked anew each time, and how its servers were at the last check, which
/// runs by itself every <see cref="CheckEvery"/>. So an answer costs nothing, however often it is asked for.
/// </summary>
internal sealed class ServiceHealth(IEnumerable<ReadinessCondition> conditions) : IHealthCheckPublisher
{
    /// <summary>How old the last check of the servers becomes.</summary>
    public static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(5);

    private readonly ReadinessCondition[] _conditions = [.. conditions];
    private volatile HealthReport? _servers;

    /// <summary>Unhealthy while the process cannot serve; degraded while something that it uses fails.</summary>
    public HealthStatus Status =>
        Array.Exists(_conditions, condition => condition.Problem() is not null) ? HealthStatus.Unhealthy
        : (_servers?.Status ?? HealthStatus.Healthy) == HealthStatus.Healthy ? HealthStatus.Healthy
        : HealthStatus.Degraded;

    /// <summary>Conditions and checks, with the reason where one fails.</summary>
    public IEnumerable<HealthDetail> Details =>
        [.. _conditions.Select(HealthDetail.Of), .. _servers?.Entries.Select(HealthDetail.Of) ?? []];

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        _servers = report;
        return Task.CompletedTask;
    }
}

/// <summary>One line of the answer to operators.</summary>
/// <param name="Name">Of the condition or check.</param>
/// <param name="Status">Healthy, Degraded or Unhealthy.</param>
/// <param name="Reason">What is wrong; null where nothing is.</param>
internal sealed record HealthDetail(string Name, string Status, string? Reason)
{
    public static HealthDetail Of(ReadinessCondition condition) => condition.Problem() is { } problem
        ? new(condition.Name, nameof(HealthStatus.Unhealthy), problem)
        : new(condition.Name, nameof(HealthStatus.Healthy), null);

    public static HealthDetail Of(KeyValuePair<string, HealthReportEntry> check) =>
        new(check.Key, check.Value.Status.ToString(), check.Value.Description ?? check.Value.Exception?.Message);
}
