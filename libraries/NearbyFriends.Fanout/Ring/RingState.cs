using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;

namespace NearbyFriends.Fanout.Ring;

/// <summary>What this process knows of the ring.</summary>
/// <param name="Record">The ring; null before the first was read.</param>
/// <param name="ModRevision">Of the record, for compare-and-swap.</param>
/// <param name="Leader">The id of the leader; null while there is none.</param>
/// <param name="LeaderRevision">The revision at which it became the leader.</param>
public sealed record RingSnapshot(RingRecord? Record, long ModRevision, string? Leader, long LeaderRevision);

/// <summary>The ring as this process knows it; while etcd is unavailable, as it was known last.</summary>
public sealed class RingState
{
    public RingState(IOptions<DiscoveryOptions> discovery, IOptions<FanoutOptions> fanout, FanoutProcess process)
    {
        Process = process;
        IsDiscovered = discovery.Value.IsEnabled && !fanout.Value.IsCluster;
        Configured = RingRecord.Initial(fanout.Value.Servers, fanout.Value.Standbys);
        Keys = new RingKeys(discovery.Value.Prefix);
        RingTelemetry.Observe(this);
    }

    /// <summary>This process, as it reports itself.</summary>
    public FanoutProcess Process { get; }

    /// <summary>Whether the ring is agreed on in etcd; else the configured servers are the ring.</summary>
    public bool IsDiscovered { get; }

    /// <summary>The configured ring: used without etcd, and before the ring was first read from it.</summary>
    public RingRecord Configured { get; }

    /// <summary>What was read from etcd.</summary>
    public Latest<RingSnapshot> Latest { get; } = new(new(null, 0, null, 0));

    /// <summary>The ring, with what is pending, as far as this process knows.</summary>
    public RingRecord Record => Latest.Value.Record ?? Configured;

    /// <summary>The epoch of the ring in force that this process has applied; 0 before the first.</summary>
    public long AppliedEpoch { get; internal set; }

    /// <summary>The epoch, in force or pending, that this process is ready for.</summary>
    public long ReadyEpoch { get; internal set; }

    /// <summary>Whether etcd did not answer this process when it was last asked.</summary>
    public bool IsDiscoveryAway { get; internal set; }

    /// <summary>Servers of the ring for which this process has no connection string.</summary>
    public IReadOnlyList<string> Unconfigured { get; internal set; } = [];

    internal RingKeys Keys { get; }
}

/// <summary>A process that publishes or subscribes.</summary>
/// <param name="Kind">Such as <c>gateway</c> or <c>api</c>.</param>
/// <param name="Id">Its name among all processes; of a gateway, <c>Gateway:Id</c>.</param>
public sealed record FanoutProcess(string Kind, string Id);
