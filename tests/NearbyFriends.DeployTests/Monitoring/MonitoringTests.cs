using System.Text.Json;
using System.Text.RegularExpressions;
using NearbyFriends.TestServers;
using YamlDotNet.Serialization;

namespace NearbyFriends.DeployTests.Monitoring;

public sealed partial class MonitoringTests
{
    /// <summary>Of ASP.NET Core and of the runtime (their documentation names them), as Prometheus does.</summary>
    private static readonly string[] OfTheFramework = ["http_server_request_duration_seconds_count", "dotnet_process_cpu_time_seconds_total"];

    [Fact]
    public void Every_metric_of_an_alert_exists() => Assert.All(AlertExpressions(), expression => Assert.Empty(Unknown(expression)));

    [Fact]
    public void Every_metric_of_the_dashboard_exists()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(InMonitoring("dashboard.json")));
        var expressions = dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!).ToList();

        Assert.True(expressions.Count > 20);
        Assert.All(expressions, expression => Assert.Empty(Unknown(expression)));
    }

    [Fact]
    public void Panels_do_not_cover_each_other()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(InMonitoring("dashboard.json")));
        var cells = dashboard.RootElement.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("gridPos"))
            .Select(place => (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32())).ToList();

        Assert.Equal(cells.Count, cells.Distinct().Count());
    }

    [Fact]
    public void Every_alert_says_what_to_do_in_the_runbook()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "deployment.md"));

        Assert.All(Rules().Where(rule => rule.ContainsKey("alert")), rule => Assert.Contains($"`{rule["alert"]}`", page, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Unknown(string expression)
    {
        var recorded = Rules().Where(rule => rule.ContainsKey("record")).Select(rule => (string)rule["record"]);
        var known = Instruments.PrometheusNames.Concat(OfTheFramework).Concat(recorded).ToHashSet(StringComparer.Ordinal);
        return Metric().Matches(expression).Select(match => match.Value).Where(name => !known.Contains(name));
    }

    private static IEnumerable<string> AlertExpressions() => Rules().Select(rule => (string)rule["expr"]);

    private static IEnumerable<Dictionary<object, object>> Rules()
    {
        var file = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(File.ReadAllText(InMonitoring("alerts.yml")));
        return ((List<object>)file["groups"]).Cast<Dictionary<object, object>>().SelectMany(group => (List<object>)group["rules"]).Cast<Dictionary<object, object>>();
    }

    private static string InMonitoring(string file) => Path.Combine(Repository.Root, "deploy", "monitoring", file);

    // A word with an underscore or a colon is a metric; functions and labels of ours that have one are not.
    [GeneratedRegex("""(?<![\w{"])(?!histogram_quantile)(nearbyfriends|http|dotnet)[a-z]*[_:][\w:]+(?!["\w])(?!\s*=)""", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Metric();
}
