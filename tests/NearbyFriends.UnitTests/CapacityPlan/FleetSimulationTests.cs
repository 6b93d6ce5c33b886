using NearbyFriends.CapacityPlan;

namespace NearbyFriends.UnitTests.CapacityPlan;

public sealed class FleetSimulationTests
{
    private static readonly FleetScenario Scenario = new(
        Users: 4_000, ActiveFriends: 20, Gateways: 4, Partitions: 16, Interval: TimeSpan.FromSeconds(10), Window: TimeSpan.FromMilliseconds(200),
        Flush: TimeSpan.FromSeconds(2), WarmUp: TimeSpan.FromSeconds(10), Duration: TimeSpan.FromSeconds(30));

    [Fact]
    public void Each_user_moves_once_an_interval_and_each_active_friend_is_told_of_it()
    {
        var counts = Count(Scenario);

        Assert.Equal(3 * 4_000, counts.Updates);
        Assert.InRange(counts.Entries, 3 * 4_000 * 0.98, 3 * 4_000 * 1.02); // those under way at either end
        Assert.InRange(counts.FriendUpdates, 20 * 3 * 4_000 * 0.99, 20 * 3 * 4_000 * 1.01);
    }

    [Fact]
    public void The_same_seed_counts_the_same() => Assert.Equal(Count(Scenario), Count(Scenario));

    [Fact]
    public void Every_frame_reaches_every_gateway_when_each_watches_somebody_in_every_partition()
    {
        var counts = Count(Scenario);

        Assert.Equal(4 * counts.Frames, counts.FrameDeliveries);
    }

    [Fact]
    public void A_gateway_that_watches_nobody_in_a_partition_hears_none_of_its_frames()
    {
        var counts = Count(Scenario with { Users = 8, ActiveFriends = 2, Gateways = 8, Partitions = 4_096 });

        Assert.True(counts.FrameDeliveries < 8 * counts.Frames);
        Assert.True(counts.FrameDeliveries >= counts.Frames); // the user's own gateway always
    }

    [Fact]
    public void A_full_frame_does_not_wait_for_its_window()
    {
        var counts = Count(Scenario with { Gateways = 1, Partitions = 1, Window = TimeSpan.FromSeconds(10) });

        Assert.InRange(counts.Entries / (double)counts.Frames, 60, 64);
    }

    [Fact]
    public void An_odd_number_of_friends_is_refused() =>
        Assert.Throws<ArgumentException>(() => Count(Scenario with { ActiveFriends = 7 }));

    [Theory]
    [InlineData(2, 200)]
    [InlineData(8, 200)]
    [InlineData(8, 25)]
    [InlineData(40, 500)]
    public void Counting_and_arithmetic_come_to_the_same(int gateways, int windowMilliseconds)
    {
        var scenario = Scenario with { Users = 20_000, Gateways = gateways, Window = TimeSpan.FromMilliseconds(windowMilliseconds) };
        var demand = new Demand
        {
            Connected = scenario.Users,
            Friends = 200,
            Active = 0.1,
            Interval = scenario.Interval,
            Window = scenario.Window,
            Flush = scenario.Flush,
        };

        var counts = Count(scenario);
        var traffic = Traffic.Of(demand, gateways, cells: 1);

        var seconds = scenario.Duration.TotalSeconds;
        Assert.InRange(counts.Frames / seconds / traffic.Frames, 0.95, 1.05);
        Assert.InRange(counts.FriendUpdates / seconds / traffic.FriendUpdates, 0.95, 1.05);
        Assert.InRange(counts.Messages / seconds / traffic.Messages, 0.95, 1.05);
        Assert.InRange(counts.MessageEntries / seconds / traffic.MessageEntries, 0.95, 1.05);
    }

    private static MessageCounts Count(FleetScenario scenario) => FleetSimulation.Run(scenario, TestContext.Current.CancellationToken);
}
