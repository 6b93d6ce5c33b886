using Microsoft.Extensions.Logging;
using NearbyFriends.Fanout.Channels;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Cluster;

/// <summary>
/// Routes on a Redis Cluster: every channel goes by the one connection, whose library finds the node that serves the
/// channel's hash slot. Failover and resharding are the cluster's own.
/// </summary>
public sealed class ClusterRoutes : IFanoutRoutes
{
    private static readonly TimeSpan TroubleLasts = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _clock;
    private long _troubledAt;

    /// <param name="cluster">The connection to the cluster.</param>
    /// <param name="scheme">Its channels.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="logger">Told of subscriptions that are not confirmed.</param>
    public ClusterRoutes(IConnectionMultiplexer cluster, ChannelScheme scheme, TimeProvider clock, ILogger<RedisClusterServer> logger)
    {
        _clock = clock;
        _troubledAt = clock.GetTimestamp() - (long)(TroubleLasts.TotalSeconds * clock.TimestampFrequency);
        Cluster = cluster;
        Scheme = scheme.Sharded();
        Current = RouteTable.Of(Route.To(new RedisClusterServer(cluster, ReportTrouble, clock, logger)), Scheme.SlotCount);
        cluster.ConnectionFailed += (_, _) => ReportTrouble();
    }

    /// <summary>The connection to the cluster.</summary>
    public IConnectionMultiplexer Cluster { get; }

    public ChannelScheme Scheme { get; }

    public RouteTable Current { get; }

    /// <summary>
    /// Whether what this process knows of the cluster may be out of date: something went wrong within the last 15 s, in
    /// which a cluster notices that a master is dead, elects another, and its nodes agree.
    /// </summary>
    public bool IsTroubled => _clock.GetElapsedTime(Volatile.Read(ref _troubledAt)) < TroubleLasts;

    public void ReportTrouble() => Volatile.Write(ref _troubledAt, _clock.GetTimestamp());
}
