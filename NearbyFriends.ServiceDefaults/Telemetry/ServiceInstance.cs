namespace NearbyFriends.ServiceDefaults.Telemetry;

/// <summary>
/// This process's name among the replicas of its service: one name in logs, traces, metrics, <c>/v1/ops</c> and on the dashboard.
/// </summary>
public static class ServiceInstance
{
    private const string IdAttribute = "service.instance.id=";

    /// <summary>
    /// <c>service-id</c> as Aspire names a replica, when <c>OTEL_SERVICE_NAME</c> and <c>service.instance.id</c> in
    /// <c>OTEL_RESOURCE_ATTRIBUTES</c> say so; else the machine's name, which in a container is unique, and a random suffix.
    /// </summary>
    public static string Name { get; } = Find(Environment.GetEnvironmentVariable);

    internal static string Find(Func<string, string?> variable) =>
        FromEnvironment(variable) ?? $"{Environment.MachineName.ToLowerInvariant()}-{Guid.NewGuid().ToString("N")[..8]}";

    private static string? FromEnvironment(Func<string, string?> variable)
    {
        var id = variable("OTEL_RESOURCE_ATTRIBUTES")?.Split(',', StringSplitOptions.TrimEntries)
            .FirstOrDefault(attribute => attribute.StartsWith(IdAttribute, StringComparison.Ordinal))?[IdAttribute.Length..];
        return variable("OTEL_SERVICE_NAME") is { Length: > 0 } service && id is { Length: > 0 } ? $"{service}-{id}" : null;
    }
}
