using System.Collections.Immutable;

namespace NearbyFriends.Fanout.Ring;

/// <summary>What the owners of the slots are computed from: the members of the ring, and the pinned slots.</summary>
/// <param name="Members">Places and the servers that fill them.</param>
/// <param name="Pins">Slot to server: slots that an operator has placed; they override the hashing.</param>
public sealed record RingLayout(ImmutableArray<RingMember> Members, ImmutableSortedDictionary<int, string> Pins)
{
    /// <summary>A layout without pins, whose places have the names of their servers.</summary>
    public static RingLayout Of(IEnumerable<string> servers) =>
        new([.. servers.Select(server => new RingMember(server, server))], ImmutableSortedDictionary<int, string>.Empty);

    /// <summary>The servers that own slots.</summary>
    public IEnumerable<string> Servers => Members.Select(member => member.Server);

    /// <summary>Whether a server owns slots.</summary>
    public bool Has(string server) => Servers.Contains(server, StringComparer.Ordinal);

    /// <summary>The owners of all slots.</summary>
    public HashRing Place(int slotCount) => new(Members, slotCount, Pins);

    /// <summary>
    /// Adds a server, at the place of its name; if another server fills that place, at a new one such as <c>pubsub-0/2</c>.
    /// </summary>
    public RingLayout Add(string server)
    {
        var place = server;
        for (var i = 2; Members.Any(member => member.Place == place); i++)
        {
            place = $"{server}/{i}";
        }

        return this with { Members = Members.Add(new(place, server)) };
    }

    /// <summary>Removes a server and the pins to it.</summary>
    public RingLayout Remove(string server) => new(
        [.. Members.Where(member => member.Server != server)],
        Pins.Where(pin => pin.Value != server).ToImmutableSortedDictionary());

    /// <summary>Puts another server in its place, with all slots and pins.</summary>
    public RingLayout Replace(string server, string by) => new(
        [.. Members.Select(member => member.Server == server ? member with { Server = by } : member)],
        Pins.ToImmutableSortedDictionary(pin => pin.Key, pin => pin.Value == server ? by : pin.Value));

    /// <summary>Pins a slot to a server.</summary>
    public RingLayout Pin(int slot, string server) => this with { Pins = Pins.SetItem(slot, server) };

    /// <summary>Removes the pin of a slot.</summary>
    public RingLayout Unpin(int slot) => this with { Pins = Pins.Remove(slot) };
}
