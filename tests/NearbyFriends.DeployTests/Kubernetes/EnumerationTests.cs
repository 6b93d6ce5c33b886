using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace NearbyFriends.DeployTests.Kubernetes;

/// <summary>
/// KubernetesClient takes any text for an enumeration, and only the API server would refuse a wrong one. Here the values are those of the
/// API reference of Kubernetes 1.30: few enough to write down, where a schema of all of Kubernetes would have to be fetched.
/// </summary>
public sealed partial class EnumerationTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["capabilities.drop"] = ["ALL"],
        ["matchExpressions.operator"] = ["In", "NotIn", "Exists", "DoesNotExist"],
        ["metrics.type"] = ["ContainerResource", "External", "Object", "Pods", "Resource"],
        ["paths.pathType"] = ["Exact", "ImplementationSpecific", "Prefix"],
        ["policies.type"] = ["Percent", "Pods"],
        ["ports.protocol"] = ["SCTP", "TCP", "UDP"],
        ["scaleTargetRef.kind"] = ["Deployment", "StatefulSet"],
        ["scaleDown.selectPolicy"] = ["Disabled", "Max", "Min"],
        ["scaleUp.selectPolicy"] = ["Disabled", "Max", "Min"],
        ["seccompProfile.type"] = ["Localhost", "RuntimeDefault", "Unconfined"],
        ["spec.accessModes"] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"],
        ["spec.clusterIP"] = ["None"],
        ["spec.podManagementPolicy"] = ["OrderedReady", "Parallel"],
        ["spec.policyTypes"] = ["Egress", "Ingress"],
        ["spec.restartPolicy"] = ["Always", "Never", "OnFailure"],
        ["strategy.type"] = ["Recreate", "RollingUpdate"],
        ["target.type"] = ["AverageValue", "Utilization", "Value"],
        ["topologySpreadConstraints.whenUnsatisfiable"] = ["DoNotSchedule", "ScheduleAnyway"],
        ["updateStrategy.type"] = ["OnDelete", "RollingUpdate"],
    };

    /// <summary>Text of ours that looks like a value of an enumeration.</summary>
    private static readonly HashSet<string> Free = new(["env.name", "env.value", "kind"], StringComparer.Ordinal);

    [Theory]
    [InlineData("small")]
    [InlineData("production")]
    [InlineData("redis-cluster")]
    public void Every_value_of_an_enumeration_is_one_that_Kubernetes_knows(string name)
    {
        if (!Overlay.CanRender)
        {
            Assert.Skip("kubectl is not installed.");
        }

        var values = Overlay.Of(name).Text.Split("\n---\n").SelectMany(text => Values("", new DeserializerBuilder().Build().Deserialize<object>(text)))
            .Where(value => !Free.Contains(value.Path)).ToList();

        Assert.Contains(values, value => value.Path == "paths.pathType");
        Assert.All(values, value =>
        {
            if (Allowed.TryGetValue(value.Path, out var allowed))
            {
                Assert.Contains(value.Text, allowed);
            }
            else
            {
                Assert.False(Word().IsMatch(value.Text), $"{value.Path}: {value.Text}. If this is an enumeration, write down its values here.");
            }
        });
    }

    /// <summary>All texts, each with the last two names that lead to it.</summary>
    private static IEnumerable<(string Path, string Text)> Values(string path, object? node) => node switch
    {
        Dictionary<object, object?> map => map.SelectMany(field => Values($"{path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..]}.{field.Key}".TrimStart('.'), field.Value)),
        List<object?> list => list.SelectMany(item => Values(path, item)),
        string text => [(path, text)],
        _ => [],
    };

    [GeneratedRegex("^[A-Z][A-Za-z]+$", RegexOptions.None, 1_000)]
    private static partial Regex Word();
}
