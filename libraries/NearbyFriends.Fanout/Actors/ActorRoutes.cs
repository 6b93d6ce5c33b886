using NearbyFriends.Fanout.Channels;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Routes to the actors: all channels by the one server that they are together.</summary>
public sealed class ActorRoutes : IFanoutRoutes
{
    private readonly ActorSilos _silos;

    internal ActorRoutes(ActorServer server, ActorSilos silos, ChannelScheme scheme)
    {
        _silos = silos;
        Scheme = scheme;
        Current = RouteTable.Of(Route.To(server), scheme.SlotCount);
    }

    /// <summary>The silos that host actors, each with how many of 4,096 groups of channels belong there.</summary>
    public IEnumerable<(string Name, int Slots)> Silos => _silos.Owners.Value.Silos.Select(silo => (silo.ToParsableString(), _silos.Owners.Value.SlotsOf(silo)));

    public ChannelScheme Scheme { get; }

    public RouteTable Current { get; }

    /// <summary>The silo that a channel's actor belongs on; null when none hosts actors.</summary>
    public string? SiloOf(string channel) => _silos.OwnerOf(channel)?.ToParsableString();

    // Silos watch over each other.
    public void ReportTrouble()
    {
    }
}
