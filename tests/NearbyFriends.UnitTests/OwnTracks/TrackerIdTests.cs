using NearbyFriends.Gateway.OwnTracks;

namespace NearbyFriends.UnitTests.OwnTracks;

public sealed class TrackerIdTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(400, 2)]
    [InlineData(5_000, 3)]
    public void Each_friend_has_another(int friends, int length)
    {
        var ids = TrackerIds.Of(Friends(friends));

        Assert.Equal(friends, ids.Values.Distinct().Count());
        Assert.All(ids.Values, id => Assert.Equal(length, id.Length));
    }

    [Fact]
    public void A_friend_who_comes_or_goes_leaves_almost_all_others_theirs()
    {
        var before = TrackerIds.Of(Friends(300));
        var after = TrackerIds.Of(Friends(301));

        Assert.InRange(before.Count(friend => after[friend.Key] != friend.Value), 0, 2);
    }

    private static long[] Friends(int count) => [.. Enumerable.Range(1, count).Select(i => i * 7_919L)];
}
