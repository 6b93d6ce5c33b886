using NearbyFriends.Core.Geo;
using NearbyFriends.History;
using NearbyFriends.HistoryWorker.Storing;

namespace NearbyFriends.UnitTests.History;

public sealed class PointBufferTests
{
    private const long Day = 86_400_000;

    [Fact]
    public void Points_are_sorted_by_day_user_time_and_duplicates_keep_the_first_received()
    {
        var points = Buffer((2, 10, 1), (1, Day + 5, 1), (1, 20, 9), (1, 20, 3), (1, 20, 7), (1, 10, 1));

        points.SortAndRemoveDuplicates();

        Assert.Equal(
            [(1, 10, 1), (1, 20, 3), (2, 10, 1), (1, Day + 5, 1)],
            points.Points.ToArray().Select(point => (point.UserId, point.Location.Time, point.ReceivedAt)));
        Assert.Equal([new(1970, 1, 1), new(1970, 1, 2)], points.Days());
    }

    [Fact]
    public void Points_that_are_removed_leave_the_others_in_order()
    {
        var points = Buffer((1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4));

        Assert.Equal(2, points.RemoveWhere(point => point.UserId % 2 == 0));

        Assert.Equal([1, 3], points.Points.ToArray().Select(point => point.UserId));
    }

    [Fact]
    public void A_time_of_receipt_that_cannot_be_is_lowered_for_the_points_that_it_is_known_of()
    {
        var points = Buffer((1, 10, 900), (2, 10, 900), (3, 10, 100));

        points.ReceivedBy(500, first: 1);

        Assert.Equal([900, 500, 100], points.Points.ToArray().Select(point => point.ReceivedAt));
    }

    private static PointBuffer Buffer(params (long User, long Time, long ReceivedAt)[] points)
    {
        var buffer = new PointBuffer();
        foreach (var (user, time, receivedAt) in points)
        {
            buffer.Add(new HistoryPoint(user, new Location(0, 0, time), float.NaN, receivedAt));
        }

        return buffer;
    }
}
