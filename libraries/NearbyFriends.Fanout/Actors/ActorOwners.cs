using NearbyFriends.Core;
using NearbyFriends.Fanout.Ring;
using Orleans.Runtime;

namespace NearbyFriends.Fanout.Actors;

/// <summary>Which silo a channel's actor belongs on: consistent hashing over the silos that host actors.</summary>
/// <remarks>
/// Every process computes the same table from the same silos. While two of them know different silos, a message goes to a silo
/// that does not have the actor, which passes it on: that costs a hop and loses nothing.
/// </remarks>
internal sealed class ActorOwners
{
    private const int Slots = 4096;

    private readonly HashRing? _ring;
    private readonly Dictionary<string, SiloAddress> _silos;

    /// <param name="silos">Those that host actors; may be none.</param>
    public ActorOwners(IEnumerable<SiloAddress> silos)
    {
        _silos = silos.ToDictionary(silo => silo.ToParsableString(), StringComparer.Ordinal);
        _ring = _silos.Count == 0 ? null : HashRing.Of(_silos.Keys, Slots);
    }

    /// <summary>The silos.</summary>
    public IReadOnlyCollection<SiloAddress> Silos => _silos.Values;

    /// <summary>How many of the groups of channels belong on a silo.</summary>
    public int SlotsOf(SiloAddress silo) => Enumerable.Range(0, Slots).Count(slot => _ring?.ServerOf(slot) == silo.ToParsableString());

    /// <summary>The silo of a channel's actor; null when none hosts actors.</summary>
    public SiloAddress? Of(string channel) => _ring is null ? null : _silos[_ring.ServerOf(StableHash.ToRange(StableHash.OfShort(channel), Slots))];
}
