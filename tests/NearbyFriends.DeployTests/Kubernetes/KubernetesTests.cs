using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using NearbyFriends.Gateway;
using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests.Kubernetes;

/// <summary>What the API server would not tell before it is too late: that things which name each other are there.</summary>
public sealed partial class KubernetesTests
{
    /// <summary>Made by the operator: docs/deployment.md, "Kubernetes".</summary>
    private const string Secret = "nearbyfriends";

    private static readonly HashSet<string> Kinds = new(StringComparer.Ordinal)
    {
        "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Job", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service", "StatefulSet",
    };

    public static TheoryData<string> Overlays => ["small", "production", "redis-cluster"];

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Everything_is_of_a_kind_that_is_checked_and_in_one_namespace(string name)
    {
        foreach (var one in Rendered(name).Objects.Cast<k8s.IKubernetesObject<V1ObjectMeta>>())
        {
            Assert.Contains(one.Kind, Kinds);
            Assert.Equal(one is V1Namespace ? null : "nearbyfriends", one.Metadata.NamespaceProperty);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Selectors_select_pods_that_there_are(string name)
    {
        var overlay = Rendered(name);
        Assert.All(overlay.Pods(), pods => Assert.True(pods.Selector is null || Matches(pods.Selector, pods.Template), pods.Name));

        var selectors = overlay.All<V1PodDisruptionBudget>().Select(one => ($"PodDisruptionBudget {one.Name()}", one.Spec.Selector))
            .Concat(overlay.All<V1Service>().Select(one => ($"Service {one.Name()}", new V1LabelSelector { MatchLabels = one.Spec.Selector })))
            .Concat(overlay.All<V1NetworkPolicy>().Select(one => ($"NetworkPolicy {one.Name()}", one.Spec.PodSelector ?? new())))
            .Concat(overlay.Pods().SelectMany(pods => (pods.Template.Spec.TopologySpreadConstraints ?? []).Select(spread => ($"spread of {pods.Name}", spread.LabelSelector))));
        Assert.All(selectors, one => Assert.True(overlay.Pods().Any(pods => Matches(one.Item2, pods.Template)), one.Item1));
        Assert.All(overlay.All<V2HorizontalPodAutoscaler>(), one => Assert.Contains(overlay.All<V1Deployment>(), target => target.Name() == one.Spec.ScaleTargetRef.Name));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void What_is_referred_to_exists(string name)
    {
        var overlay = Rendered(name);
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "deployment.md"));
        var (maps, services) = (overlay.All<V1ConfigMap>().ToDictionary(map => map.Name()), overlay.All<V1Service>().ToDictionary(service => service.Name()));
        foreach (var variable in overlay.Pods().SelectMany(pods => pods.Template.Spec.Containers).SelectMany(container => container.Env ?? []))
        {
            if (variable.ValueFrom?.SecretKeyRef is { } secret)
            {
                Assert.True(secret.Name == Secret && page.Contains($"--from-literal={secret.Key}=", StringComparison.Ordinal), $"{secret.Name} {secret.Key} is not in docs/deployment.md");
            }

            if (variable.ValueFrom?.ConfigMapKeyRef is { } map)
            {
                Assert.Contains(map.Key, maps[map.Name].Data.Keys);
            }
        }

        Assert.All(overlay.All<V1StatefulSet>(), one => Assert.Contains(one.Spec.ServiceName, services.Keys));
        foreach (var path in overlay.All<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths))
        {
            Assert.Contains(services[path.Backend.Service.Name].Spec.Ports, port => port.Name == path.Backend.Service.Port.Name);
        }

        foreach (var service in services.Values)
        {
            var ports = overlay.Pods().Where(pods => Matches(new() { MatchLabels = service.Spec.Selector }, pods.Template))
                .SelectMany(pods => pods.Template.Spec.Containers).SelectMany(container => container.Ports ?? []).Select(port => port.Name).ToList();
            Assert.All(service.Spec.Ports, port => Assert.Contains(port.TargetPort.Value, ports));
        }
    }

    // Hosts in connection strings: a Service, or a pod of a StatefulSet before it.
    [Theory]
    [MemberData(nameof(Overlays))]
    public void Every_server_that_a_service_is_told_of_has_a_name_in_the_cluster(string name)
    {
        var overlay = Rendered(name);
        var names = overlay.All<V1Service>().Select(service => service.Name()).ToHashSet(StringComparer.Ordinal);
        foreach (var set in overlay.All<V1StatefulSet>())
        {
            names.UnionWith(Enumerable.Range(0, set.Spec.Replicas ?? 1).Select(index => $"{set.Name()}-{index}.{set.Spec.ServiceName}"));
        }

        var hosts = new[] { "api", "gateway", "history-worker" }.SelectMany(service => overlay.EnvironmentOf(service).Values)
            .SelectMany(value => HostAndPort().Matches(value)).Select(match => match.Groups["host"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.True(hosts.Count >= 3, string.Join(' ', hosts));
        Assert.Subset(names, hosts);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void A_variable_that_others_are_made_of_comes_before_them(string name)
    {
        foreach (var container in Rendered(name).Pods().SelectMany(pods => pods.Template.Spec.Containers))
        {
            var before = new HashSet<string>(StringComparer.Ordinal);
            foreach (var variable in container.Env ?? [])
            {
                Assert.Subset(before, Used(variable.Value));
                Assert.True(before.Add(variable.Name), $"{variable.Name} is set twice");
            }

            Assert.Subset(before, (container.Args ?? []).SelectMany(Used).ToHashSet(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Every_service_survives_a_node_and_has_time_to_stop(string name)
    {
        var overlay = Rendered(name);
        foreach (var service in overlay.All<V1Deployment>())
        {
            var pod = service.Spec.Template.Spec;
            Assert.Contains(overlay.All<V1PodDisruptionBudget>(), budget => Matches(budget.Spec.Selector, service.Spec.Template));
            Assert.NotEmpty(pod.TopologySpreadConstraints);
            Assert.Equal("/health /health /alive", string.Join(' ', new[] { pod.Containers[0].StartupProbe, pod.Containers[0].ReadinessProbe, pod.Containers[0].LivenessProbe }.Select(probe => probe.HttpGet.Path)));
            Assert.InRange(pod.TerminationGracePeriodSeconds ?? 30, service.Name() == "gateway" ? SecondsOfDrain : 31, 600);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Nothing_runs_as_root_or_writes_beside_its_volumes(string name)
    {
        foreach (var (_, _, template) in Rendered(name).Pods())
        {
            Assert.True(template.Spec.SecurityContext.RunAsNonRoot);
            Assert.False(template.Spec.AutomountServiceAccountToken);
            Assert.All(template.Spec.Containers, container =>
            {
                Assert.True(container.SecurityContext is { ReadOnlyRootFilesystem: true, AllowPrivilegeEscalation: false }, container.Name);
                Assert.Contains("memory", container.Resources.Limits.Keys);
                Assert.Contains("cpu", container.Resources.Requests.Keys);
                Assert.Matches(@":v?\d+\.\d+", container.Image);
            });
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Our_images_are_what_the_build_makes(string name) => Assert.Equal(
        BuiltImages.All.Select(image => $"registry.example.com/{image}"),
        Rendered(name).All<V1Deployment>().Select(service => service.Spec.Template.Spec.Containers[0].Image).Order(StringComparer.Ordinal));

    // Postgres is inside only there; elsewhere the operator follows the formula of docs/deployment.md.
    [Fact]
    public void All_replicas_together_have_no_more_connections_than_the_Postgres_inside()
    {
        var overlay = Rendered("small");
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "deployment.md"));
        var (apis, gateways, workers) = (Most("api"), Most("gateway"), Most("history-worker"));
        var most = overlay.All<V1StatefulSet>().Single(set => set.Name() == "postgres").Spec.Template.Spec.Containers[0].Args.Single(argument => argument.StartsWith("max_connections=", StringComparison.Ordinal));

        Assert.InRange(
            (PoolOf("users") * (apis + (2 * gateways))) + (PoolOf("history") * (apis + workers)) + DatabaseConnections.Reserved, 1,
            int.Parse(most.Split('=')[1], CultureInfo.InvariantCulture));

        int Most(string service) => overlay.All<V2HorizontalPodAutoscaler>().SingleOrDefault(one => one.Spec.ScaleTargetRef.Name == service)?.Spec.MaxReplicas
            ?? overlay.All<V1Deployment>().Single(one => one.Name() == service).Spec.Replicas ?? 1;

        int PoolOf(string database) => int.Parse(
            Regex.Match(page, $@"--from-literal={database}=.*Maximum Pool Size=(\d+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Every_pod_that_serves_is_opened_by_a_policy_of_its_own(string name)
    {
        var overlay = Rendered(name);
        var opened = overlay.All<V1NetworkPolicy>().Where(policy => policy.Spec.Ingress is { Count: > 0 }).ToList();

        Assert.All(
            overlay.All<V1Service>(),
            service => Assert.Contains(opened, policy => overlay.Pods().Any(pods => Matches(new() { MatchLabels = service.Spec.Selector }, pods.Template) && Matches(policy.Spec.PodSelector, pods.Template))));
    }

    private static Overlay Rendered(string name)
    {
        if (!Overlay.CanRender)
        {
            Assert.Skip("kubectl is not installed.");
        }

        return Overlay.Of(name);
    }

    private static bool Matches(V1LabelSelector selector, V1PodTemplateSpec template)
    {
        var labels = template.Metadata.Labels;
        return (selector.MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal)).All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
            && (selector.MatchExpressions ?? []).All(wanted => wanted.OperatorProperty == "In" && labels.TryGetValue(wanted.Key, out var value) && wanted.Values.Contains(value));
    }

    private static HashSet<string> Used(string? text) => Variable().Matches(text ?? "").Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>The longest drain by default, its delay before, and 20 s for the rest of a stop (docs/operations.md).</summary>
    private static long SecondsOfDrain => (long)(new GatewayOptions().DrainDelay + new GatewayOptions().DrainTime).TotalSeconds + 20;

    [GeneratedRegex(@"\$\((?<name>[^)]+)\)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?<host>[a-z0-9.-]+):\d+", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex HostAndPort();
}
