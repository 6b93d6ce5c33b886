using NearbyFriends.Fanout.Actors;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Cluster;
using NearbyFriends.Fanout.Ring;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Operations;

/// <summary>The ring as <c>GET /v1/ops/ring</c> shows it.</summary>
/// <param name="Transport">How updates travel.</param>
/// <param name="Channels"><c>Partitioned(n)</c> or <c>PerUser</c>.</param>
/// <param name="Epoch">The ring in force.</param>
/// <param name="PendingEpoch">The ring that processes get ready for; null when nothing is about to change.</param>
/// <param name="Pending">What is about to change, in words.</param>
/// <param name="DiscoveryAway">Whether etcd does not answer: what is shown is what was known last.</param>
/// <param name="Servers">Members of the ring, standbys, and who was declared dead.</param>
/// <param name="Pins">Channels that operators placed by hand.</param>
/// <param name="Processes">Who goes by the ring.</param>
internal sealed record RingAnswer(
    string Transport,
    string Channels,
    long Epoch,
    long? PendingEpoch,
    string? Pending,
    bool DiscoveryAway,
    IReadOnlyList<RingAnswer.Server> Servers,
    IReadOnlyList<RingAnswer.Pin> Pins,
    IReadOnlyList<RingAnswer.Process> Processes)
{
    public static RingAnswer Of(RingView view, IReadOnlyDictionary<string, ServerLoad?> loads, ChannelScheme scheme) => new(
        "Ring",
        scheme.ToString(),
        view.Record.Epoch,
        view.Record.Pending?.Epoch,
        view.Record.Pending?.Reason,
        view.IsDiscoveryAway,
        [.. view.Servers.Select(server => ServerOf(server, PlaceOf(view.Record, server.Name), loads[server.Name], scheme))],
        [.. view.Record.Layout.Pins.Select(pin => new Pin(ChannelOf(pin.Key, scheme), pin.Value))],
        [.. view.Processes.Select(process => new Process(process.Id, process.Kind, process.AppliedEpoch, process.ReadyEpoch, process.IsLeader))]);

    /// <summary>A Redis Cluster in the same words: masters are active, replicas stand by, and there is no epoch to agree on.</summary>
    public static RingAnswer Of(IServer[] nodes, IReadOnlyDictionary<string, ServerLoad?> loads, ClusterRoutes cluster)
    {
        var configuration = Array.Find(nodes, node => node.IsConnected)?.ClusterConfiguration;
        var owners = Enumerable.Range(0, cluster.Scheme.IsPartitioned ? cluster.Scheme.SlotCount : 0)
            .ToLookup(slot => configuration?.GetBySlot(cluster.Cluster.HashSlot(cluster.Scheme.Partition(slot).ToString()))?.EndPoint);
        return new(
            "Cluster", cluster.Scheme.ToString(), Epoch: 0, PendingEpoch: null, Pending: null, DiscoveryAway: false, [.. nodes.Select(ServerOf)], [], []);

        Server ServerOf(IServer node)
        {
            var load = loads[NameOf(node)];
            object channels = cluster.Scheme.IsPartitioned
                ? owners[node.EndPoint].Select(slot => ChannelOf(slot, cluster.Scheme)).ToArray()
                : configuration?[node.EndPoint]?.Slots.Sum(range => range.To - range.From + 1) ?? 0;
            return new(
                NameOf(node), null, node.IsReplica ? "standby" : "active", load is not null, channels, load?.MessagesPerSecond, load?.BytesPerSecond, load?.Cpu);
        }
    }

    /// <summary>The silos of the actors in the same words: each is active.</summary>
    public static RingAnswer Of(ActorRoutes actors)
    {
        var owners = Enumerable.Range(0, actors.Scheme.IsPartitioned ? actors.Scheme.SlotCount : 0)
            .ToLookup(slot => actors.SiloOf(actors.Scheme.Partition(slot).ToString()), slot => ChannelOf(slot, actors.Scheme));
        return new(
            "Actors", actors.Scheme.ToString(), Epoch: 0, PendingEpoch: null, Pending: null, DiscoveryAway: false,
            [.. actors.Silos.Select(silo => new Server(
                silo.Name, null, "active", Healthy: true, actors.Scheme.IsPartitioned ? owners[silo.Name].ToArray() : silo.Slots, null, null, null))], [], []);
    }

    /// <summary>The name of a cluster's node: where it is.</summary>
    public static string NameOf(IServer node) => node.EndPoint.ToString()!;

    private static Server ServerOf(RingServer server, string? place, ServerLoad? load, ChannelScheme scheme) => new(
        server.Name,
        place,
        server.Role switch
        {
            RingRole.Member or RingRole.Leaving => "active",
            RingRole.Standby or RingRole.Joining => "standby",
            _ => "dead",
        },
        load is not null,
        scheme.IsPartitioned ? server.Slots.Select(slot => ChannelOf(slot, scheme)).ToArray() : server.Slots.Count,
        load?.MessagesPerSecond,
        load?.BytesPerSecond,
        load?.Cpu);

    private static string? PlaceOf(RingRecord record, string server) =>
        record.Target.Members.Concat(record.Layout.Members).Where(member => member.Server == server).Select(member => member.Place).FirstOrDefault();

    private static string ChannelOf(int slot, ChannelScheme scheme) => scheme.IsPartitioned ? $"p{slot}" : $"slot {slot}";

    /// <param name="Name">As in configuration.</param>
    /// <param name="Place">Its place on the ring; null when it has none.</param>
    /// <param name="Role"><c>active</c>: it owns channels, in force; <c>standby</c>: it may, or is about to; or <c>dead</c>.</param>
    /// <param name="Healthy">Whether it answers this gateway.</param>
    /// <param name="Channels">Names of partitions; under <c>PerUser</c> how many of the 4,096 groups of users' channels, also of actors, or of a cluster's 16,384 slots.</param>
    /// <param name="MessagesPerSecond">Frames published, 1/s; null when it does not answer.</param>
    /// <param name="BytesPerSecond">Bytes in and out, 1/s.</param>
    /// <param name="Cpu">Share of one core, 0 to 1 and a little more.</param>
    internal sealed record Server(
        string Name, string? Place, string Role, bool Healthy, object Channels, double? MessagesPerSecond, double? BytesPerSecond, double? Cpu);

    internal sealed record Pin(string Channel, string Server);

    /// <param name="Id">Of a gateway, its id among gateways.</param>
    /// <param name="Kind"><c>gateway</c> or <c>api</c>.</param>
    /// <param name="AppliedEpoch">The ring in force that it goes by.</param>
    /// <param name="ReadyEpoch">The ring, in force or pending, that it is ready for.</param>
    /// <param name="Leader">Whether it puts changes in force and watches over the servers.</param>
    internal sealed record Process(string Id, string Kind, long AppliedEpoch, long ReadyEpoch, bool Leader);
}
