using NearbyFriends.Fanout.Channels;

namespace NearbyFriends.UnitTests.Fanout;

/// <summary>No server carries any channel: nothing is sent, and nothing arrives.</summary>
internal sealed class NoServers : IFanoutRoutes
{
    public ChannelScheme Scheme { get; } = ChannelScheme.Partitioned(1);

    public RouteTable Current { get; } = RouteTable.Of(new Route([], []), 1);

    public void ReportTrouble()
    {
        // there is none
    }
}
