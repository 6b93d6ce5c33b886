using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Fanout.Actors;
using NearbyFriends.IntegrationTests.Cluster;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;
using Orleans;
using Orleans.Runtime;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>
/// A system that fans out in one of the ways there are, shared by the tests of one <see cref="FanoutContract"/>. Another
/// transport is another class here and one line in FanoutContractTests.cs.
/// </summary>
public abstract class FanoutSystem : IAsyncLifetime
{
    /// <summary>The Api and two gateways.</summary>
    public NearbySystem System { get; private set; } = null!;

    /// <summary>The channels that a process of the system subscribes to, as its pub/sub servers say.</summary>
    public abstract Task<IReadOnlyCollection<string>> SubscribedChannelsAsync();

    public async ValueTask InitializeAsync() => System = await StartAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts it; updates are to be pushed at once (<c>Gateway:Flush</c> zero).</summary>
    protected abstract Task<NearbySystem> StartAsync();
}

/// <summary>Independent pub/sub servers, <c>Fanout:Transport=Ring</c>.</summary>
public abstract class RingFanoutSystem(Servers servers, string channels) : FanoutSystem
{
    protected override Task<NearbySystem> StartAsync() =>
        NearbySystem.StartAsync(servers, ("Fanout:Channels", channels), ("Gateway:Flush", "00:00:00"), ("Strangers:RefreshEvery", "00:00:00.1"));

    public override async Task<IReadOnlyCollection<string>> SubscribedChannelsAsync()
    {
        var subscribed = new List<string>();
        foreach (var server in System.PubSub)
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
            var found = await connection.GetServers().Single().SubscriptionChannelsAsync(RedisChannel.Pattern("fanout:*"));
            subscribed.AddRange(found.Select(channel => channel.ToString()));
        }

        return subscribed;
    }
}

/// <summary>Sharded pub/sub of a Redis Cluster, <c>Fanout:Transport=Cluster</c>.</summary>
public abstract class ClusterFanoutSystem(Servers servers, string channels) : FanoutSystem
{
    private ClusterSystem _cluster = null!;

    protected override async Task<NearbySystem> StartAsync()
    {
        _cluster = await ClusterSystem.StartAsync(servers, channels);
        return _cluster.System;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _cluster.Cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public override async Task<IReadOnlyCollection<string>> SubscribedChannelsAsync()
    {
        var subscribed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in _cluster.Cluster.Nodes)
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(node.ConnectionString);
            var found = (RedisValue[]?)await connection.GetServer("127.0.0.1", node.Port).ExecuteAsync("PUBSUB", "SHARDCHANNELS", "fanout:*");
            subscribed.UnionWith((found ?? []).Select(channel => channel.ToString()));
        }

        return subscribed;
    }
}

/// <summary>Actors in the gateways, <c>Fanout:Transport=Actors</c>.</summary>
public abstract class ActorFanoutSystem(Servers servers, string channels) : FanoutSystem
{
    /// <summary>What a process is told to be a silo.</summary>
    public static (string Key, string Value)[] Settings(string channels) =>
    [
        ("Fanout:Transport", "Actors"), ("Fanout:Channels", channels), ("Fanout:DeadAfter", "00:00:15"),
        ("Orleans:Clustering:ProviderType", "Redis"), ("Orleans:Clustering:ServiceKey", "membership"), ("Orleans:Endpoints:AdvertisedIPAddress", "127.0.0.1"),
    ];

    protected override Task<NearbySystem> StartAsync() => NearbySystem.StartAsync(servers, [.. Settings(channels), ("Gateway:Flush", "00:00:00"), ("Strangers:RefreshEvery", "00:00:00.1")]);

    public override async Task<IReadOnlyCollection<string>> SubscribedChannelsAsync()
    {
        var grains = System.GatewayServices[0].GetRequiredService<IGrainFactory>();
        var subscribed = new List<string>();
        foreach (var grain in await grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
        {
            if (grain.GrainId.Type.ToString() == "channel" && (await grains.GetGrain<IChannelActor>(grain.GrainId).GatewaysAsync()).Length > 0)
            {
                subscribed.Add(grain.GrainId.Key.ToString()!);
            }
        }

        return subscribed;
    }
}
