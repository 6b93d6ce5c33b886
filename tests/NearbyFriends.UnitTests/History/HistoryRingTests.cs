using NearbyFriends.Gateway.History;
using NearbyFriends.History;

namespace NearbyFriends.UnitTests.History;

public sealed class HistoryRingTests
{
    [Fact]
    public void Points_come_out_in_the_order_in_which_they_went_in()
    {
        var ring = new HistoryRing(10_000);
        var random = new Random(1);
        var expected = new Queue<long>();
        var taken = new HistoryPoint[500];
        for (long next = 0; next < 100_000;)
        {
            for (var end = next + random.Next(400); next < end; next++)
            {
                ring.Add(Point(next));
                expected.Enqueue(next);
            }

            foreach (var point in taken.AsSpan(0, ring.Take(taken.AsSpan(0, random.Next(500)))))
            {
                Assert.Equal(expected.Dequeue(), point.UserId);
            }

            Assert.Equal(expected.Count, ring.Count);
        }
    }

    [Fact]
    public void A_full_ring_drops_the_oldest_and_says_so()
    {
        var ring = new HistoryRing(1_000);

        var dropped = Enumerable.Range(0, 2_500).Count(i => ring.Add(Point(i)).DroppedOldest);

        var left = new HistoryPoint[2_000];
        Assert.Equal(1_000, ring.Take(left));
        Assert.Equal(1_500, dropped);
        Assert.Equal(Enumerable.Range(1_500, 1_000).Select(i => (long)i), left.Take(1_000).Select(point => point.UserId));
    }

    [Fact]
    public void Appending_allocates_nothing_once_the_ring_has_grown()
    {
        var ring = new HistoryRing(400);
        ring.Add(Point(1));
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 10_000; i++)
        {
            ring.Add(Point(i));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static HistoryPoint Point(long user) => new(user, default, 0, 0);
}
