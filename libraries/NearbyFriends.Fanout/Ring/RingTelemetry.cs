using System.Diagnostics.Metrics;

namespace NearbyFriends.Fanout.Ring;

/// <summary>The metrics of the ring.</summary>
public static class RingTelemetry
{
    private static readonly Meter Meter = new("NearbyFriends.Ring");

    public static readonly Counter<long> Changes = Meter.CreateCounter<long>(
        "nearbyfriends.ring.changes", "{change}", "Rings, pending or in force, that this process has become ready for.");

    public static readonly Counter<long> Commits = Meter.CreateCounter<long>(
        "nearbyfriends.ring.commits", "{change}", "Pending rings that this process, as the leader, has committed.");

    public static readonly Counter<long> ServersLost = Meter.CreateCounter<long>(
        "nearbyfriends.ring.servers.lost", "{server}", "Pub/sub servers that this process, as the leader, has declared dead.");

    public static readonly Counter<long> ServersReturned = Meter.CreateCounter<long>(
        "nearbyfriends.ring.servers.returned", "{server}", "Dead pub/sub servers that answered again and became standbys.");

    public static readonly Counter<long> AlertsFailed = Meter.CreateCounter<long>(
        "nearbyfriends.ring.alerts.failed", "{alert}", "Alerts that Fanout:AlertWebhook did not accept.");

    /// <summary>Adds the gauges of a process.</summary>
    internal static void Observe(RingState state)
    {
        Meter.CreateObservableGauge("nearbyfriends.ring.epoch", () => state.AppliedEpoch, "{epoch}", "The ring in force that this process has applied.");
        Meter.CreateObservableGauge(
            "nearbyfriends.ring.pending", () => state.Record.Pending is null ? 0 : 1, "{change}", "Whether a change of the ring is pending.");
        Meter.CreateObservableGauge(
            "nearbyfriends.ring.lost", () => state.Record.Lost.Length, "{server}", "Pub/sub servers that are dead and have not returned.");
        Meter.CreateObservableGauge(
            "nearbyfriends.ring.leading", () => state.Latest.Value.Leader == state.Process.Id ? 1 : 0, "{process}", "Whether this process is the leader.");
        Meter.CreateObservableGauge(
            "nearbyfriends.ring.discovery.away", () => state.IsDiscoveryAway ? 1 : 0, "{process}", "Whether etcd does not answer this process.");
    }
}
