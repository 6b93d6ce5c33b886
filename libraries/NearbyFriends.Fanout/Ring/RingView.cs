using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;


namespace NearbyFriends.Fanout.Ring;

/// <summary>The role of a server in the ring.</summary>
public enum RingRole
{
    /// <summary>It owns channels.</summary>
    Member,

    /// <summary>It will own channels, once the pending change is in force.</summary>
    Joining,

    /// <summary>It owns channels until the pending change is in force.</summary>
    Leaving,

    /// <summary>It replaces a server that dies.</summary>
    Standby,

    /// <summary>It was declared dead.</summary>
    Lost,
}

/// <summary>A pub/sub server of the ring.</summary>
/// <param name="Name">Its name; <c>ConnectionStrings:{name}</c> says where it is.</param>
/// <param name="Role">Its role in the ring.</param>
/// <param name="Slots">The slots that it owns, in force: partitions, or under <c>PerUser</c> the groups of users' channels.</param>
/// <param name="LostSince">When it was declared dead.</param>
public sealed record RingServer(string Name, RingRole Role, IReadOnlyList<int> Slots, DateTimeOffset? LostSince);

/// <summary>A process that publishes or subscribes.</summary>
/// <param name="Id">Of a gateway, <c>Gateway:Id</c>.</param>
/// <param name="Kind">Such as <c>gateway</c> or <c>api</c>.</param>
/// <param name="AppliedEpoch">The ring in force that it has applied.</param>
/// <param name="ReadyEpoch">The ring, in force or pending, that it is ready for.</param>
/// <param name="IsLeader">Whether it commits changes and monitors the servers.</param>
public sealed record RingProcess(string Id, string Kind, long AppliedEpoch, long ReadyEpoch, bool IsLeader);

/// <summary>The ring as operators see it.</summary>
/// <param name="Record">The record that all processes agree on.</param>
/// <param name="Servers">Members in the order of their places, then the others.</param>
/// <param name="Processes">The processes that use it; empty while etcd is unavailable.</param>
/// <param name="IsDiscovered">Whether the ring is agreed on in etcd; else the configured servers are the ring.</param>
/// <param name="IsDiscoveryAway">Whether etcd does not answer; the view is then the last known state.</param>
public sealed record RingView(
    RingRecord Record, IReadOnlyList<RingServer> Servers, IReadOnlyList<RingProcess> Processes, bool IsDiscovered, bool IsDiscoveryAway);

/// <summary>Reads <see cref="RingView"/>.</summary>
public sealed class RingReader(RingState state, ChannelScheme scheme, EtcdClient? etcd = null)
{
    /// <summary>The ring now, from etcd where it answers.</summary>
    public async Task<RingView> ReadAsync(CancellationToken cancellationToken)
    {
        if (etcd is null)
        {
            return View(state.Record, [], isAway: false);
        }

        try
        {
            var entry = await etcd.GetAsync(state.Keys.Record, cancellationToken);
            var leader = await etcd.GetAsync(state.Keys.Leader, cancellationToken);
            var processes = await etcd.GetRangeAsync(state.Keys.Processes, cancellationToken);
            return View(
                entry is null ? state.Record : RingRecord.Parse(entry.Value),
                [.. processes.Entries.Select(process => ProcessOf(process, leader?.Value))],
                isAway: false);
        }
        catch (EtcdException)
        {
            return View(state.Record, [], isAway: true);
        }
    }

    private RingProcess ProcessOf(EtcdEntry entry, string? leader)
    {
        var id = entry.Key[state.Keys.Processes.Length..];
        var report = RingProcessReport.Parse(entry.Value);
        return new(id, report.Kind, report.AppliedEpoch, report.ReadyEpoch, id == leader);
    }

    private RingView View(RingRecord record, IReadOnlyList<RingProcess> processes, bool isAway)
    {
        if (record.Layout.Members.IsEmpty)
        {
            return new(record, [], processes, state.IsDiscovered, isAway); // a cluster has the channels
        }

        var ring = record.Layout.Place(scheme.SlotCount);
        var slots = Enumerable.Range(0, scheme.SlotCount).ToLookup(ring.ServerOf, StringComparer.Ordinal);
        var target = record.Target;
        List<RingServer> servers =
        [
            .. record.Layout.Servers.Select(name => new RingServer(
                name, target.Has(name) ? RingRole.Member : RingRole.Leaving, [.. slots[name]], record.Lost.FirstOrDefault(lost => lost.Name == name)?.Since)),
            .. target.Servers.Where(name => !record.Layout.Has(name)).Select(name => new RingServer(name, RingRole.Joining, [], null)),
            .. record.Standbys.Select(name => new RingServer(name, RingRole.Standby, [], null)),
            .. record.Lost.Where(lost => !record.Layout.Has(lost.Name)).Select(lost => new RingServer(lost.Name, RingRole.Lost, [], lost.Since)),
        ];
        return new(record, servers, processes, state.IsDiscovered, isAway);
    }
}
