using System.Collections.Immutable;
using NearbyFriends.Core;

namespace NearbyFriends.Fanout.Ring;

/// <summary>
/// Places slots on servers by consistent hashing with virtual nodes and bounded loads: no server owns more than
/// 1.25 times the mean, rounded up.
/// </summary>
/// <remarks>
/// Each member stands at <see cref="VirtualNodes"/> points of a circle of 64-bit hashes. A slot belongs to the first
/// member clockwise of its own hash that still has room; slots are placed in ascending order, so every process
/// computes the same table. Adding or removing one of N members moves about 1/N of the slots.
/// A member is a place on the circle (<see cref="RingMember.Place"/>) and the server that fills it: replacing a dead
/// server keeps the place, so only that server's slots move. A pinned slot is placed by hand, after all others, and
/// moves none of them; the bound holds for what the hashing places.
/// Sources: Karger et al., Consistent Hashing and Random Trees, STOC 1997; Mirrokni, Thorup, Zadimoghaddam,
/// Consistent Hashing with Bounded Loads, SODA 2018.
/// </remarks>
public sealed class HashRing
{
    /// <summary>Points of the circle at which each member stands.</summary>
    public const int VirtualNodes = 128;

    /// <summary>How far above the mean a member's load may lie.</summary>
    public const double LoadFactor = 1.25;

    private readonly string[] _ownerOfSlot;

    /// <param name="members">Places, and the servers that fill them.</param>
    /// <param name="slotCount">How many slots to place.</param>
    /// <param name="pins">Slots placed by hand, and the servers they are on; a pin of a slot that does not exist is ignored.</param>
    /// <exception cref="ArgumentException">There is no member, or two have the same place.</exception>
    public HashRing(IReadOnlyCollection<RingMember> members, int slotCount, IReadOnlyDictionary<int, string>? pins = null)
    {
        if (members.Count == 0)
        {
            throw new ArgumentException("A ring needs at least one member.", nameof(members));
        }

        if (members.DistinctBy(m => m.Place, StringComparer.Ordinal).Count() < members.Count)
        {
            throw new ArgumentException("Two members have the same place on the ring.", nameof(members));
        }

        _ownerOfSlot = Assign(members.OrderBy(m => m.Place, StringComparer.Ordinal).ToArray(), slotCount);
        foreach (var (slot, server) in pins ?? ImmutableSortedDictionary<int, string>.Empty)
        {
            if (slot >= 0 && slot < slotCount)
            {
                _ownerOfSlot[slot] = server;
            }
        }
    }

    /// <summary>A ring whose places have the names of their servers, as on the first start.</summary>
    public static HashRing Of(IEnumerable<string> servers, int slotCount) =>
        new(servers.Select(server => new RingMember(server, server)).ToList(), slotCount);

    /// <summary>How many slots the ring places.</summary>
    public int SlotCount => _ownerOfSlot.Length;

    /// <summary>The server of a slot.</summary>
    public string ServerOf(int slot) => _ownerOfSlot[slot];

    private static string[] Assign(RingMember[] members, int slotCount)
    {
        var circle = members
            .SelectMany((member, index) => Enumerable.Range(0, VirtualNodes).Select(i => (Hash: StableHash.Of($"{member.Place}#{i}"), Member: index)))
            .OrderBy(point => point.Hash)
            .ToArray();
        var hashes = Array.ConvertAll(circle, point => point.Hash);
        var capacity = (int)Math.Ceiling(LoadFactor * slotCount / members.Length);
        var load = new int[members.Length];
        var owners = new string[slotCount];
        for (var slot = 0; slot < slotCount; slot++)
        {
            var at = Array.BinarySearch(hashes, StableHash.Of($"slot{slot}"));
            at = at >= 0 ? at : ~at;
            while (load[circle[at % circle.Length].Member] >= capacity)
            {
                at++;
            }

            var member = circle[at % circle.Length].Member;
            load[member]++;
            owners[slot] = members[member].Server;
        }

        return owners;
    }
}

/// <summary>A place on the ring, and the server that fills it.</summary>
public readonly record struct RingMember(string Place, string Server);
