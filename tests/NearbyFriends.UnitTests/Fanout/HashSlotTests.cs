using NearbyFriends.Fanout.Channels;

namespace NearbyFriends.UnitTests.Fanout;

public sealed class HashSlotTests
{
    [Theory]
    [InlineData("123456789", 0x31C3)] // of the specification
    [InlineData("foo{123456789}bar", 0x31C3)]
    [InlineData("{123456789}{bar}", 0x31C3)]
    [InlineData("", 0)]
    public void A_slot_is_that_of_the_name_or_its_tag(string name, int slot) => Assert.Equal(slot, HashSlot.Of(name));

    [Fact]
    public void Braces_around_nothing_are_no_tag() => Assert.NotEqual(HashSlot.Of("foo{}{bar}"), HashSlot.Of("bar"));

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(128)]
    [InlineData(4_096)]
    public void Every_master_has_its_share_of_the_partitions(int partitions)
    {
        var scheme = ChannelScheme.Partitioned(partitions).Sharded();
        var slots = Enumerable.Range(0, partitions).Select(partition => HashSlot.Of(scheme.Partition(partition).ToString())).ToList();

        for (var masters = 1; masters <= 24; masters++)
        {
            // As redis-cli shares them out.
            var each = slots.Select(slot => (int)((slot + 0.5) * masters / HashSlot.Count)).CountBy(master => master).ToDictionary();
            var counts = Enumerable.Range(0, masters).Select(master => each.GetValueOrDefault(master)).ToList();

            Assert.True(counts.Max() - counts.Min() <= 1, $"{masters} masters have {string.Join(", ", counts)} of {partitions}");
        }
    }

    [Fact]
    public void Names_are_the_same_in_every_version() // or gateways of two versions would not hear each other
    {
        var scheme = ChannelScheme.Partitioned(16).Sharded();

        Assert.Equal(["fanout:p0{18}", "fanout:p15{48}"], [scheme.Partition(0).ToString(), scheme.Partition(15).ToString()]);
    }
}
