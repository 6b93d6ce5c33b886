using NearbyFriends.CapacityPlan;

namespace NearbyFriends.UnitTests.CapacityPlan;

public sealed class TrafficTests
{
    [Fact]
    public void Ten_million_users_send_333_333_updates_a_second_and_cause_13_million_friend_updates()
    {
        var traffic = Traffic.Of(new Demand(), gateways: 100, cells: 1);

        Assert.Equal(333_333, traffic.Updates, tolerance: 1);
        Assert.Equal(13_333_333, traffic.FriendUpdates, tolerance: 1);
    }

    [Fact]
    public void A_hundred_gateways_share_frames_of_forty_updates_with_a_window_of_200_ms()
    {
        var traffic = Traffic.Of(new Demand(), gateways: 100, cells: 1);

        Assert.InRange(traffic.EntriesPerFrame, 41, 42);
        Assert.InRange(traffic.Frames, 7_900, 8_100);
        Assert.InRange(traffic.FrameDeliveries, 790_000, 810_000);
    }

    [Fact]
    public void With_many_partitions_and_a_short_window_frames_are_nearly_empty()
    {
        var demand = new Demand { Partitions = 64, Window = TimeSpan.FromMilliseconds(25) };

        Assert.InRange(Traffic.Of(demand, gateways: 100, cells: 1).EntriesPerFrame, 1, 2.5);
    }

    [Fact]
    public void No_frame_has_more_than_64_entries()
    {
        var demand = new Demand { Partitions = 1, Window = TimeSpan.FromSeconds(1) };

        Assert.Equal(64, Traffic.Of(demand, gateways: 2, cells: 1).EntriesPerFrame, tolerance: 0.001);
    }

    [Fact]
    public void Cells_divide_what_gateways_hear_and_add_what_their_borders_say_twice()
    {
        var one = Traffic.Of(new Demand(), gateways: 100, cells: 1);
        var four = Traffic.Of(new Demand { Border = 0.05 }, gateways: 100, cells: 4);

        Assert.Equal(one.EntryDeliveries * 1.05 / 4, four.EntryDeliveries, tolerance: 1);
        Assert.Equal(one.FriendUpdates, four.FriendUpdates);
    }

    [Fact]
    public void A_client_gets_at_most_one_message_a_flush()
    {
        var demand = new Demand { Connected = 1_000, Flush = TimeSpan.FromSeconds(5) };

        Assert.InRange(Traffic.Of(demand, gateways: 2, cells: 1).Messages, 1_000 / 5.1, 1_000 / 5.0);
    }
}
