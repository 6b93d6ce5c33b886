using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using NearbyFriends.TestServers;

namespace NearbyFriends.DeployTests.Kubernetes;

/// <summary>An overlay of deploy/kubernetes as <c>kubectl kustomize</c> renders it, parsed strictly: a field that Kubernetes does not know is an error.</summary>
public sealed class Overlay
{
    private static readonly ConcurrentDictionary<string, Lazy<Overlay>> Overlays = new(StringComparer.Ordinal);

    private Overlay(string text) => (Text, Objects) = (text, KubernetesYaml.LoadAllFromString(text, typeMap: null, strict: true));

    public static bool CanRender { get; } = DeployPrograms.IsInstalled("kubectl");

    /// <summary>The YAML as it was rendered.</summary>
    public string Text { get; }

    public IReadOnlyList<object> Objects { get; }

    public static Overlay Of(string name) => Overlays.GetOrAdd(name, one => new(() => Render(one))).Value;

    public IEnumerable<T> All<T>() => Objects.OfType<T>();

    /// <summary>Every template of pods, by the kind and name of what runs it.</summary>
    public IEnumerable<Pods> Pods() =>
        All<V1Deployment>().Select(one => new Pods($"Deployment {one.Name()}", one.Spec.Selector, one.Spec.Template))
            .Concat(All<V1StatefulSet>().Select(one => new Pods($"StatefulSet {one.Name()}", one.Spec.Selector, one.Spec.Template)))
            .Concat(All<V1Job>().Select(one => new Pods($"Job {one.Name()}", one.Spec.Selector, one.Spec.Template)));

    /// <summary>The settings of a service, but for those that only others are made of: <c>$(NAME)</c>.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOf(string service)
    {
        var variables = All<V1Deployment>().Single(one => one.Name() == service).Spec.Template.Spec.Containers[0].Env;
        return variables.Where(variable => variable.Name != "REDIS_PASSWORD").ToDictionary(
            variable => variable.Name, variable => variable.Value ?? "", StringComparer.Ordinal);
    }

    private static Overlay Render(string name)
    {
        var result = DeployPrograms.Run("kubectl", ["kustomize", Path.Combine(Repository.Root, "deploy", "kubernetes", "overlays", name)]);
        Assert.True(result.ExitCode == 0, result.Error);
        return new(result.Output);
    }
}

/// <summary>Pods of one kind.</summary>
/// <param name="Name">Kind and name of what runs them.</param>
/// <param name="Selector">By which it finds them; null where Kubernetes makes it.</param>
/// <param name="Template">Of each.</param>
public sealed record Pods(string Name, V1LabelSelector? Selector, V1PodTemplateSpec Template);
