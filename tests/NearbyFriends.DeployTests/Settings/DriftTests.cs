using NearbyFriends.DeployTests.Azure;
using NearbyFriends.DeployTests.Compose;
using NearbyFriends.DeployTests.Kubernetes;
using NearbyFriends.DeployTests.Manifests;

namespace NearbyFriends.DeployTests.Settings;

/// <summary>
/// A setting is decided in the AppHost, and written again in Bicep, Kubernetes and compose. Each of them tells each service what the
/// manifest tells it, by the same names; and each name is one that the service reads.
/// </summary>
public sealed class DriftTests
{
    private static readonly string[] Services = ["api", "gateway", "history-worker"];

    public static TheoryData<string, string> Azures => Each("dev", "prod", "sharded");

    public static TheoryData<string, string> Overlays => Each("small", "production", "redis-cluster");

    public static TheoryData<string, string> Composes => Each("compose");

    [Theory]
    [MemberData(nameof(Azures))]
    public void Bicep_tells_a_service_what_the_manifest_does(string size, string service) =>
        AssertSame(service, Manifest.Cluster, Snapshot.Of(size).EnvironmentOf(service));

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Kubernetes_tells_a_service_what_the_manifest_does(string overlay, string service)
    {
        if (!Overlay.CanRender)
        {
            Assert.Skip("kubectl is not installed.");
        }

        AssertSame(service, overlay == "redis-cluster" ? Manifest.Cluster : Manifest.Ring, Overlay.Of(overlay).EnvironmentOf(service));
    }

    [Theory]
    [MemberData(nameof(Composes))]
    public void Compose_tells_a_service_what_the_manifest_does(string file, string service)
    {
        var compose = ComposeFile.Read($"{file}.yaml");

        Assert.All(
            compose.Services.Keys.Where(name => ComposeFile.KindOf(name) == service),
            name => AssertSame(service, Manifest.Ring, compose.EnvironmentOf(name)));
    }

    private static TheoryData<string, string> Each(params string[] deployments)
    {
        var data = new TheoryData<string, string>();
        foreach (var deployment in deployments)
        {
            foreach (var service in Services)
            {
                data.Add(deployment, service);
            }
        }

        return data;
    }

    private static void AssertSame(string service, Manifest manifest, IReadOnlyDictionary<string, string> environment)
    {
        Assert.Empty(ServiceSettings.Unknown(service, environment));
        Assert.Equal(ServiceSettings.Compared(manifest.EnvironmentOf(service).Keys), ServiceSettings.Compared(environment.Keys));
    }
}
