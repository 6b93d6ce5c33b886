using System.Text.Json;

namespace NearbyFriends.DeployTests.Manifests;

/// <summary>The manifest that the AppHost publishes: the topology as a deployment gets it.</summary>
public sealed class Manifest
{
    private static readonly Lazy<Manifest> RingManifest = new(() => Publish());
    private static readonly Lazy<Manifest> ClusterManifest = new(() => Publish("--Fanout:Transport=Cluster"));

    private readonly JsonElement _resources;

    private Manifest(JsonElement resources) => _resources = resources;

    /// <summary>Of the default topology, with the ring.</summary>
    public static Manifest Ring => RingManifest.Value;

    /// <summary>With one Redis Cluster for fan-out and location cache.</summary>
    public static Manifest Cluster => ClusterManifest.Value;

    public IEnumerable<JsonProperty> Resources => _resources.EnumerateObject();

    /// <summary>The settings of a service, by environment variable.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOf(string service) => Resources
        .Single(resource => resource.Name == service).Value.GetProperty("env").EnumerateObject()
        .ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!, StringComparer.Ordinal);

    /// <summary>Publishes with these settings of the AppHost.</summary>
    public static Manifest Publish(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("nearbyfriends-manifest-");
        try
        {
            var path = Path.Combine(folder.FullName, "manifest.json");
            var result = DeployPrograms.Run("dotnet", [DeployPrograms.PathOf("AppHost"), .. arguments, "--publisher", "manifest", "--output-path", path]);
            Assert.True(result.ExitCode == 0 && File.Exists(path), result.Output + result.Error);
            return new(JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("resources"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
