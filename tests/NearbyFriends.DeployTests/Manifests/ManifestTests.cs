using System.Text.Json;
using NearbyFriends.DeployTests.Settings;

namespace NearbyFriends.DeployTests.Manifests;

public sealed class ManifestTests
{
    [Fact]
    public void A_deployment_is_asked_for_its_servers_and_starts_none()
    {
        Assert.All(Manifest.Ring.Resources, resource => Assert.Contains(TypeOf(resource), new[] { "parameter.v0", "project.v0" }));
        Assert.Equal(
            ["etcd", "history", "history-stream", "location-cache", "pubsub-0", "pubsub-1", "pubsub-standby-0", "users"],
            Names(Manifest.Ring).Except(["api", "gateway", "history-worker", "auth-audience", "auth-authority", "gateway-address", "operator-key", "page-origin", "proxy-network", "telemetry-hash-key"]));
    }

    [Fact]
    public void With_a_redis_cluster_there_is_neither_etcd_nor_a_pubsub_server() =>
        Assert.Equal(["history", "history-stream", "redis-cluster", "users"], Names(Manifest.Cluster).Where(Serves));

    [Fact]
    public void Asked_for_containers_it_has_them_but_no_volumes()
    {
        var manifest = Manifest.Publish("--Servers=Containers");

        Assert.Contains(manifest.Resources, resource => TypeOf(resource) == "container.v0");
        Assert.All(manifest.Resources, resource => Assert.False(resource.Value.TryGetProperty("volumes", out _), resource.Name));
    }

    // Deployments make a secret of a name: lower case, - for _.
    [Theory]
    [InlineData("api")]
    [InlineData("gateway")]
    [InlineData("history-worker")]
    public void No_two_settings_of_a_service_make_the_same_secret(string service)
    {
        var names = Manifest.Ring.EnvironmentOf(service).Keys;

        Assert.Equal(names.Count(), names.Select(name => name.ToUpperInvariant().Replace('_', '-')).Distinct().Count());
    }

    [Theory]
    [InlineData("api")]
    [InlineData("gateway")]
    [InlineData("history-worker")]
    public void Every_setting_is_one_that_the_service_reads(string service)
    {
        foreach (var manifest in new[] { Manifest.Ring, Manifest.Cluster })
        {
            Assert.Empty(ServiceSettings.Unknown(service, manifest.EnvironmentOf(service)));
        }
    }

    // A service stops at start without them.
    [Theory]
    [InlineData("api", "ConnectionStrings__users", "ConnectionStrings__history", "ConnectionStrings__location-cache", "Auth__Authority", "Auth__Audience", "Telemetry__HashKey", "Web__Enabled", "Web__Gateway")]
    [InlineData("gateway", "ConnectionStrings__users", "ConnectionStrings__location-cache", "ConnectionStrings__history-stream", "Auth__Authority", "Auth__Audience", "Telemetry__HashKey", "Gateway__Origins__0")]
    [InlineData("history-worker", "ConnectionStrings__history", "ConnectionStrings__history-stream")]
    public void Every_service_is_told_what_it_needs(string service, params string[] settings) =>
        Assert.Subset(Manifest.Ring.EnvironmentOf(service).Keys.ToHashSet(StringComparer.Ordinal), settings.ToHashSet(StringComparer.Ordinal));

    private static IEnumerable<string> Names(Manifest manifest) => manifest.Resources.Select(resource => resource.Name).Order(StringComparer.Ordinal);

    private static bool Serves(string name) =>
        name is "etcd" or "users" || name.StartsWith("history", StringComparison.Ordinal) && name != "history-worker"
        || name.StartsWith("pubsub", StringComparison.Ordinal) || name.StartsWith("redis", StringComparison.Ordinal) || name.StartsWith("location", StringComparison.Ordinal);

    private static string TypeOf(JsonProperty resource) => resource.Value.GetProperty("type").GetString()!;
}
