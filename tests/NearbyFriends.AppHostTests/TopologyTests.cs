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
    public async Task Postgres_takes_the_connections_of_all_services_or_the_system_does_not_start()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => Topology("--Gateway:Replicas=4", "--Postgres:MaxConnections=209"));

        Assert.Contains("may open 210 connections", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Containers")]
    [InlineData("Installed")]
    public async Task Servers_have_the_same_names_wherever_they_come_from(string source)
    {
        await using var builder = await Topology($"--Servers={source}");

        string[] servers = ["postgres", "users", "history", "location-cache", "pubsub-0", "pubsub-1", "pubsub-standby-0", "history-stream", "etcd"];
        Assert.All(servers, server => Assert.Single(builder.Resources, resource => resource.Name == server));
        Assert.Equal(source == "Containers", builder.Resources.Any(resource => resource.IsContainer()));
    }

    [Fact]
    public async Task Images_are_pinned_and_Postgres_keeps_its_data_where_its_version_looks_for_it()
    {
        await using var builder = await Topology("--Servers=Containers");

        var images = builder.Resources.SelectMany(resource => resource.Annotations.OfType<ContainerImageAnnotation>());
        Assert.All(images, image => Assert.Matches(@"^v?\d+\.\d+", image.Tag));
        var volume = Assert.Single(builder.Resources.Single(resource => resource.Name == "postgres").Annotations.OfType<ContainerMountAnnotation>());
        Assert.Equal("/var/lib/postgresql", volume.Target); // of version 18 and later
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
    public async Task Actors_need_no_server_but_the_redis_in_which_they_find_each_other()
    {
        await using var builder = await Topology("--Fanout:Transport=Actors");

        Assert.Equal(["membership", "membership-password"], Names(builder, "membership"));
        Assert.Empty(Names(builder, "pubsub"));
        Assert.Empty(Names(builder, "etcd"));
        Assert.Single(Names(builder, "location-cache"), "location-cache");
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
    [InlineData("Servers", "Moon")]
    [InlineData("Ports:api", "70000")]
    [InlineData("RedisCluster:Port", "80")]
    [InlineData("Gateway:Replicas", "-1")]
    [InlineData("Volumes", "perhaps")]
    public async Task A_wrong_size_is_refused_by_name(string key, string value)
    {
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => Topology($"--{key}={value}"));

        Assert.Contains(key, failure.Message, StringComparison.Ordinal);
        Assert.Contains(value, failure.Message, StringComparison.Ordinal);
    }

    private static Task<IDistributedApplicationTestingBuilder> Topology(params string[] arguments) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.NearbyFriends_AppHost>(arguments, TestContext.Current.CancellationToken);

    private static IEnumerable<string> Names(IDistributedApplicationTestingBuilder builder, string prefix) =>
        builder.Resources.Select(resource => resource.Name).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static int Replicas(IDistributedApplicationTestingBuilder builder, string name) =>
        builder.Resources.Single(resource => resource.Name == name).GetReplicaCount();
}
