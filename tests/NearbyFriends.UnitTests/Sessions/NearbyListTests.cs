using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

public sealed class NearbyListTests
{
    private const int Radius = 1000;

    [Fact]
    public void A_friend_who_stays_is_told_once_and_again_only_when_something_changed()
    {
        var list = Open();
        list.Test(0, At(500), changed: true);
        Assert.Equal([(0, ListChange.Moved)], Flush(list));

        list.Test(0, At(500), changed: false);
        Assert.Empty(Flush(list));
        list.Test(0, At(600), changed: true);

        Assert.Equal([(0, ListChange.Moved)], Flush(list));
    }

    [Fact]
    public void A_friend_who_moves_often_between_flushes_is_told_once()
    {
        var list = Open();
        for (var metres = 0; metres < 900; metres++)
        {
            list.Test(3, At(metres), changed: true);
        }

        Assert.Equal([(3, ListChange.Moved)], Flush(list));
    }

    [Fact]
    public void A_friend_who_comes_and_goes_between_flushes_is_not_told_at_all()
    {
        var list = Open();
        list.Test(0, At(500), changed: true);
        list.Test(0, At(5000), changed: true);

        Assert.Empty(Flush(list));
        Assert.Equal(0, list.Total);
    }

    [Fact]
    public void A_small_radius_has_a_margin_of_25_metres()
    {
        var list = Open(radius: 100);
        foreach (var metres in (int[])[97, 108, 97, 124])
        {
            list.Test(0, At(metres), changed: true);
            Assert.Equal([(0, ListChange.Moved)], Flush(list));
        }

        list.Test(0, At(126), changed: true);

        Assert.Equal([(0, ListChange.Left)], Flush(list));
    }

    [Fact]
    public void The_margin_keeps_who_is_inside_and_does_not_let_in_who_is_not()
    {
        var list = Open();
        Assert.False(list.Test(0, At(1040), changed: true));
        list.Test(0, At(990), changed: true);
        Flush(list);

        list.Test(0, At(1040), changed: true);
        Assert.Equal([(0, ListChange.Moved)], Flush(list));
        list.Test(0, At(1060), changed: true);

        Assert.Equal([(0, ListChange.Left)], Flush(list));
    }

    [Fact]
    public void A_closed_list_tells_nothing_and_a_new_one_starts_empty()
    {
        var list = Open();
        list.Test(0, At(500), changed: true);

        list.Close();
        Assert.False(list.Test(0, At(400), changed: true));
        list.Open();

        Assert.Equal((2, 0, 0), (list.Number, list.Total, list.WaitingCount));
    }

    private static NearbyList Open(int radius = Radius)
    {
        var list = new NearbyList(4, radius);
        list.Open();
        list.Centre = At(0);
        return list;
    }

    private static Location At(double metres) => Location.FromDegrees(metres / 111_195.08, 0, time: 1);

    private static List<(int Friend, ListChange Change)> Flush(NearbyList list)
    {
        var told = new List<(int, ListChange)>();
        foreach (var friend in list.TakeWaiting())
        {
            if (list.Tell(friend) is not ListChange.None and var change)
            {
                told.Add((friend, change));
            }
        }

        return told;
    }
}
