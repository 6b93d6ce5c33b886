using System.Collections.Concurrent;
using System.Text.Json;

namespace NearbyFriends.DeployTests.Azure;

/// <summary>What a deployment of a size would create, as <c>bicep snapshot</c> predicts it: the template with its expressions evaluated.</summary>
public sealed class Snapshot
{
    private static readonly ConcurrentDictionary<string, Lazy<Snapshot>> Sizes = new(StringComparer.Ordinal);

    private readonly JsonElement _root;

    private Snapshot(JsonElement root) => _root = root;

    public IEnumerable<JsonElement> Resources => _root.GetProperty("predictedResources").EnumerateArray();

    public static Snapshot Of(string size) => Sizes.GetOrAdd(size, one => new(() => Take(one))).Value;

    public IEnumerable<JsonElement> OfType(string type) => Resources.Where(resource => resource.GetProperty("type").GetString() == type);

    public JsonElement App(string name) =>
        OfType("Microsoft.App/containerApps").Single(app => app.GetProperty("name").GetString() == name).GetProperty("properties");

    public JsonElement Container(string app) => App(app).GetProperty("template").GetProperty("containers")[0];

    /// <summary>The settings of a service; a secret's value is its name.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOf(string app) => Container(app).GetProperty("env").EnumerateArray().ToDictionary(
        variable => variable.GetProperty("name").GetString()!,
        variable => (variable.TryGetProperty("value", out var value) ? value : variable.GetProperty("secretRef")).GetString()!,
        StringComparer.Ordinal);

    private static Snapshot Take(string size)
    {
        // It is written beside the parameters, so they are copied.
        var folder = Directory.CreateTempSubdirectory("nearbyfriends-bicep-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(BicepCompiler.Folder, "*.bicep*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder.FullName, Path.GetRelativePath(BicepCompiler.Folder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            var result = BicepCompiler.Run(
                size, "snapshot", Path.Combine(folder.FullName, "main.bicepparam"), "--mode", "overwrite", "--location", "koreacentral",
                "--subscription-id", Guid.Empty.ToString(), "--tenant-id", Guid.Empty.ToString(), "--deployment-name", "test");
            Assert.True(result is { ExitCode: 0, Error: "" }, result.Output + result.Error);
            return new(JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, "main.snapshot.json"))).RootElement);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
