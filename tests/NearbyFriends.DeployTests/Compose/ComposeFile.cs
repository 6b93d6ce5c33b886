using NearbyFriends.TestServers;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace NearbyFriends.DeployTests.Compose;

/// <summary>A file of deploy/compose, its anchors merged as YAML does; <c>docker compose config</c> would also fill in the variables.</summary>
public sealed class ComposeFile
{
    private readonly Dictionary<object, object> _root;

    private ComposeFile(Dictionary<object, object> root) => _root = root;

    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy", "compose");

    public IReadOnlyDictionary<string, Dictionary<object, object>> Services =>
        Map(_root["services"]).ToDictionary(service => (string)service.Key, service => Map(service.Value), StringComparer.Ordinal);

    public IEnumerable<string> Volumes => Map(_root["volumes"]).Keys.Cast<string>();

    public static ComposeFile Read(string name)
    {
        using var text = new StringReader(File.ReadAllText(Path.Combine(Folder, name)));
        return new(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text))));
    }

    /// <summary><c>gateway</c> for <c>gateway-2</c>.</summary>
    public static string KindOf(string service) => service.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9').TrimEnd('-');

    public IReadOnlyDictionary<string, string> EnvironmentOf(string service) =>
        Services[service].TryGetValue("environment", out var environment)
            ? Map(environment).ToDictionary(variable => (string)variable.Key, variable => (string)(variable.Value ?? ""), StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal);

    private static Dictionary<object, object> Map(object value) => (Dictionary<object, object>)value;
}
