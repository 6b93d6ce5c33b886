using System.Reflection;

namespace NearbyFriends.DeployTests.Settings;

/// <summary>What the services read, by their options; and how what a deployment tells them is compared with it.</summary>
public static class ServiceSettings
{
    private const string Ours = "NearbyFriends.";

    private static readonly Dictionary<string, Assembly> Services = new(StringComparer.Ordinal)
    {
        ["api"] = typeof(Api.Callers.Caller).Assembly,
        ["gateway"] = typeof(Gateway.GatewayOptions).Assembly,
        ["history-worker"] = typeof(HistoryWorker.HistoryWorkerServices).Assembly,
    };

    /// <summary>Read by the platform: addresses, and OpenTelemetry's own.</summary>
    private static readonly string[] Platform = ["ASPNETCORE_", "HTTP_PORTS", "OTEL_"];

    /// <summary>Names that bind to no property of the service's options, and to no server that it is told of.</summary>
    public static IEnumerable<string> Unknown(string service, IReadOnlyDictionary<string, string> environment)
    {
        var known = Known(Services[service]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var servers = new[] { "users", "history", "location-cache", "history-stream" }
            .Concat(environment.Where(IsServerName).Select(variable => variable.Value))
            .Select(name => $"ConnectionStrings:{name}");
        known.UnionWith(servers);
        return environment.Keys.Where(name => !IsPlatforms(name) && !known.Contains(WithoutIndex(name.Replace("__", ":", StringComparison.Ordinal))));
    }

    /// <summary>The names that deployments must agree on.</summary>
    public static IEnumerable<string> Compared(IEnumerable<string> names) => names.Where(name => !IsPlatforms(name)).Order(StringComparer.Ordinal);

    private static bool IsServerName(KeyValuePair<string, string> variable) =>
        variable.Key.StartsWith("Fanout__Servers__", StringComparison.Ordinal)
        || variable.Key.StartsWith("Fanout__Standbys__", StringComparison.Ordinal)
        || variable.Key == "Fanout__Cluster";

    private static bool IsPlatforms(string name) => Platform.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static string WithoutIndex(string key) => char.IsDigit(key[^1]) && key[..^1].EndsWith(':') ? key[..^2] : key;

    private static IEnumerable<string> Known(Assembly service) =>
        from assembly in WithReferences(service)
        from type in assembly.GetTypes()
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)
        where section is { IsLiteral: true }
        from property in type.GetProperties()
        where property.SetMethod is not null
        select $"{section.GetRawConstantValue()}:{property.Name}";

    private static HashSet<Assembly> WithReferences(Assembly service)
    {
        var found = new HashSet<Assembly> { service };
        var left = new Queue<Assembly>(found);
        while (left.TryDequeue(out var assembly))
        {
            foreach (var reference in assembly.GetReferencedAssemblies().Where(name => name.Name!.StartsWith(Ours, StringComparison.Ordinal)))
            {
                if (found.Add(Assembly.Load(reference)))
                {
                    left.Enqueue(Assembly.Load(reference));
                }
            }
        }

        return found;
    }
}
