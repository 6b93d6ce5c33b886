using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;

namespace NearbyFriends.Fanout.Ring;

/// <summary>Routes by the ring: each slot has the server that consistent hashing gives it.</summary>
public sealed class RingRoutes : IFanoutRoutes
{
    private volatile RouteTable _current;

    /// <summary>Starts with the configured ring.</summary>
    public RingRoutes(PubSubServers servers, IOptions<FanoutOptions> options)
    {
        Scheme = ChannelScheme.TryParse(options.Value.Channels)
            ?? throw new OptionsValidationException(FanoutOptions.Section, typeof(FanoutOptions), ["Fanout:Channels cannot be read."]);
        if (options.Value.IsCluster || options.Value.Servers.Count == 0)
        {
            _current = RouteTable.Of(new Route([], []), Scheme.SlotCount); // a cluster has the channels, and nobody asks here
            return;
        }

        var ring = HashRing.Of(options.Value.Servers, Scheme.SlotCount);
        _current = new RouteTable([.. Enumerable.Range(0, Scheme.SlotCount).Select(slot => Route.To(servers.Connection(ring.ServerOf(slot))))]);
    }

    public ChannelScheme Scheme { get; }

    public RouteTable Current => _current;

    // No effect: the leader probes the servers itself, and this concerns one connection of one process.
    public void ReportTrouble()
    {
    }

    /// <summary>Replaces the table; when the task completes, no send uses the old one.</summary>
    public Task SwitchToAsync(RouteTable next)
    {
        var before = _current;
        _current = next;
        return before.RetireAsync();
    }
}
