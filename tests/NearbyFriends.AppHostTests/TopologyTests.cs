using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

namespace NearbyFriends.AppHostTests;

/// <summary>What the AppHost would start, without starting it.</summary>
public sealed class TopologyTests
{
    [Fact]
    public async Task By_default_there_are_two_pubsub_servers_one_standby_and_two_gateways()
    {
        await using var builder = await Topology();

        Assert.Equal(["pubsub-0", "pubsub-1", "pubsub-standby-0"], Names(builder, "pubsub").Where(name => !name.EndsWith("-password", StringComparison.Ordinal)));
        Assert.Equal(2, Replicas(builder, "gateway"));
        Assert.Equal(2, Replicas(builder, "api"));
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("users")]
    [InlineData("history")]
    [InlineData("location-cache")]
    [InlineData("history-stream")]
    [InlineData("etcd")]
    [InlineData("history-worker")]
    [InlineData("simulator")]
    public async Task The_system_has(string resource)
    {
        await using var builder = await Topology();

        Assert.Contains(builder.Resources, one => one.Name == resource);
    }

    [Fact]
    public async Task Configuration_decides_how_many_servers_and_gateways_there_are()
    {
        await using var builder = await Topology("--PubSub:Servers=3", "--PubSub:Standbys=0", "--Gateway:Replicas=4");

        Assert.Contains("pubsub-2", Names(builder, "pubsub"));
        Assert.DoesNotContain("pubsub-3", Names(builder, "pubsub"));
        Assert.Empty(Names(builder, "pubsub-standby"));
        Assert.Equal(4, Replicas(builder, "gateway"));
    }

    [Fact]
    public async Task The_location_cache_has_the_servers_and_replicas_that_configuration_says()
    {
        await using var builder = await Topology("--LocationCache:Servers=2", "--LocationCache:Replicas=1");

        Assert.Equal(
            ["location-cache", "location-cache-1", "location-cache-replica", "location-cache-replica-1"],
            Names(builder, "location-cache").Where(name => !name.EndsWith("-password", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_redis_cluster_stands_for_the_servers_of_fanout_and_location_cache()
    {
        await using var builder = await Topology("--Fanout:Transport=Cluster");

        Assert.Equal(["redis-cluster", "redis-cluster-nodes", "redis-cluster-password"], Names(builder, "redis-cluster"));
        Assert.Empty(Names(builder, "pubsub"));
        Assert.Empty(Names(builder, "location-cache"));
    }

    [Fact]
    public async Task The_simulator_can_be_left_out()
    {
        await using var builder = await Topology("--Simulator=false");

        Assert.Empty(Names(builder, "simulator"));
    }

    [Theory]
    [InlineData("PubSub:Servers", "0")]
    [InlineData("PubSub:Standbys", "many")]
    [InlineData("LocationCache:Servers", "0")]
    [InlineData("LocationCache:Replicas", "2")]
    [InlineData("Gateway:Replicas", "-1")]
    [InlineData("Volumes", "perhaps")]
    public async Task A_wrong_size_is_refused_by_name(string key, string value)
    {
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => Topology($"--{key}={value}"));

        Assert.Contains(key, failure.Message, StringComparison.Ordinal);
        Assert.Contains(value, failure.Message, StringComparison.Ordinal);
    }

    static Task<IDistributedApplicationTestingBuilder> Topology(params string[] arguments) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.NearbyFriends_AppHost>(arguments, TestContext.Current.CancellationToken);

    static IEnumerable<string> Names(IDistributedApplicationTestingBuilder builder, string prefix) =>
        builder.Resources.Select(resource => resource.Name).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    static int Replicas(IDistributedApplicationTestingBuilder builder, string name) =>
        builder.Resources.Single(resource => resource.Name == name).GetReplicaCount();
}
