using NearbyFriends.Fanout.Ring;


namespace NearbyFriends.UnitTests.Fanout;

public sealed class HashRingTests
{
    public static TheoryData<int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int>();
            foreach (var slots in new[] { 16, 64, 1000, 4096 })
            {
                for (var servers = 2; servers <= 64; servers *= 2)
                {
                    sizes.Add(servers, slots);
                }
            }

            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void No_server_owns_more_than_the_mean_times_one_and_a_quarter(int servers, int slots)
    {
        var ring = HashRing.Of(Names(servers), slots);

        var most = Owners(ring).CountBy(owner => owner).Max(load => load.Value);

        Assert.True(most <= Math.Ceiling(1.25 * slots / servers), $"{most} of {slots} slots on one of {servers} servers");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_process_computes_the_same_table(int servers, int slots) =>
        Assert.Equal(Owners(HashRing.Of(Names(servers), slots)), Owners(HashRing.Of(Names(servers).Reverse(), slots)));

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    [InlineData(63)]
    public void Adding_a_server_moves_about_its_share(int servers)
    {
        var before = Owners(HashRing.Of(Names(servers), 4096));
        var after = Owners(HashRing.Of(Names(servers + 1), 4096));

        var moved = before.Zip(after).Count(slot => slot.First != slot.Second);

        // Bounded loads push some slots on to neighbours, so a little more than 1/N moves; never anything like all.
        Assert.InRange(moved, 1, 2.5 * 4096 / (servers + 1));
    }

    [Fact]
    public void Replacing_a_server_moves_only_what_it_owned()
    {
        RingMember[] members = [new("a", "a"), new("b", "b"), new("c", "c")];
        var before = Owners(new HashRing(members, 64));

        var after = Owners(new HashRing([members[0], new("b", "standby"), members[2]], 64));

        Assert.Equal(before.Select(owner => owner == "b" ? "standby" : owner), after);
    }

    [Fact]
    public void A_ring_needs_a_member_and_different_places()
    {
        Assert.Throws<ArgumentException>(() => new HashRing([], 16));
        Assert.Throws<ArgumentException>(() => new HashRing([new("a", "x"), new("a", "y")], 16));
    }

    private static IEnumerable<string> Names(int count) => Enumerable.Range(0, count).Select(i => $"pubsub-{i}");

    private static string[] Owners(HashRing ring) => Enumerable.Range(0, ring.SlotCount).Select(ring.ServerOf).ToArray();
}
