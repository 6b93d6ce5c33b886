using System.Text.RegularExpressions;
using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests.Monitoring;

/// <summary>
/// The metrics that services have, as Prometheus names them when it receives them by OTLP: dots become underscores, the unit is
/// appended (none for {things}), and <c>_total</c> to a counter.
/// </summary>
public static partial class Instruments
{
    private static readonly Dictionary<string, string> UnitSuffix = new(StringComparer.Ordinal) { ["s"] = "_seconds", ["By"] = "_bytes" };

    /// <summary>The names of series; a histogram has three.</summary>
    public static IReadOnlySet<string> PrometheusNames { get; } =
        Sources().SelectMany(source => Declaration().Matches(source)).SelectMany(Names).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Names(Match declaration)
    {
        var name = declaration.Groups["name"].Value.Replace('.', '_') + UnitSuffix.GetValueOrDefault(declaration.Groups["unit"].Value, "");
        return declaration.Groups["kind"].Value switch
        {
            "Counter" or "ObservableCounter" => [name + "_total"],
            "Histogram" => [name + "_bucket", name + "_count", name + "_sum"],
            _ => [name],
        };
    }

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateDirectories(Repository.Root, "NearbyFriends.*").Append(Path.Combine(Repository.Root, "libraries"))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText);

    // CreateCounter<long>("name", "unit", ..., CreateObservableGauge("name", () => ..., "unit", ...
    [GeneratedRegex("""Create(?<kind>\w+?)(<\w+>)?\(\s*"(?<name>nearbyfriends\.[\w.]+)",.*?"(?<unit>s|By|\{\w+\})",""", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1_000)]
    private static partial Regex Declaration();
}
