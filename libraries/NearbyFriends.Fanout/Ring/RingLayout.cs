using System.Collections.Immutable;

namespace NearbyFriends.Fanout.Ring;

/// <summary>Which server owns which slot, as far as it is not computed: the members of the ring, and the slots placed by hand.</summary>
/// <param name="Members">Places and the servers that fill them.</param>
/// <param name="Pins">Slot to server: a slot that an operator has placed; overrides the hashing.</param>
public sealed record RingLayout(ImmutableArray<RingMember> Members, ImmutableSortedDictionary<int, string> Pins)
{
    /// <summary>A layout without pins, whose places are named as their servers.</summary>
    public static RingLayout Of(IEnumerable<string> servers) =>
        new([.. servers.Select(server => new RingMember(server, server))], ImmutableSortedDictionary<int, string>.Empty);

    /// <summary>The servers that own slots.</summary>
    public IEnumerable<string> Servers => Members.Select(member => member.Server);

    /// <summary>Whether a server owns slots.</summary>
    public bool Has(string server) => Servers.Contains(server, StringComparer.Ordinal);

    /// <summary>The owners of all slots.</summary>
    public HashRing Place(int slotCount) => new(Members, slotCount, Pins);

    /// <summary>One server more, at a place of its name; or, when another server fills that, at one of its own.</summary>
    public RingLayout Add(string server)
    {
        var place = server;
        for (var i = 2; Members.Any(member => member.Place == place); i++)
            place = $"{server}/{i}";

        return this with { Members = Members.Add(new(place, server)) };
    }

    /// <summary>Without a server and the pins to it.</summary>
    public RingLayout Remove(string server) => new(
        [.. Members.Where(member => member.Server != server)],
        Pins.Where(pin => pin.Value != server).ToImmutableSortedDictionary());

    /// <summary>Another server in its place, with all that it owned.</summary>
    public RingLayout Replace(string server, string by) => new(
        [.. Members.Select(member => member.Server == server ? member with { Server = by } : member)],
        Pins.ToImmutableSortedDictionary(pin => pin.Key, pin => pin.Value == server ? by : pin.Value));

    /// <summary>Places a slot by hand.</summary>
    public RingLayout Pin(int slot, string server) => this with { Pins = Pins.SetItem(slot, server) };

    /// <summary>Leaves a slot to the hashing again.</summary>
    public RingLayout Unpin(int slot) => this with { Pins = Pins.Remove(slot) };
}
