using NearbyFriends.CapacityPlan;

namespace NearbyFriends.UnitTests.CapacityPlan;

public sealed class FleetPlanTests
{
    private static readonly UnitCosts Costs = new();

    [Fact]
    public void The_friend_graph_of_a_billion_users_is_two_rows_a_friendship()
    {
        var plan = FleetPlan.Of(new Demand(), Costs with { FriendRowBytes = new(100, "test"), UserBytes = new(0, "test") });

        // A billion users with 400 rows of 100 bytes each, and a replica.
        Assert.Equal(2 * 40_000, Of(plan, "user database").Gigabytes, tolerance: 1);
    }

    [Fact]
    public void History_grows_with_the_days_that_are_kept()
    {
        var month = FleetPlan.Of(new Demand { HistoryDays = 30 }, Costs);
        var quarter = FleetPlan.Of(new Demand { HistoryDays = 90 }, Costs);

        Assert.Equal(3 * Of(month, "history database").Gigabytes, Of(quarter, "history database").Gigabytes, tolerance: 1);
    }

    [Fact]
    public void The_cheapest_number_of_cells_is_chosen()
    {
        var plan = FleetPlan.Of(new Demand(), Costs);

        Assert.All(FleetPlan.Choices(new Demand(), Costs), choice => Assert.True(plan.FanoutCores <= choice.FanoutCores));
        Assert.True(plan.Cells > 1);
    }

    [Fact]
    public void A_small_town_needs_no_cells()
    {
        var plan = FleetPlan.Of(new Demand { Connected = 10_000, Registered = 100_000 }, Costs);

        Assert.Equal(1, plan.Cells);
        Assert.Equal(1, Of(plan, "gateways").Count);
    }

    [Fact]
    public void Partitions_need_fewer_pubsub_servers_than_a_channel_for_each_user()
    {
        var plan = FleetPlan.Of(new Demand { Cells = 1 }, Costs);

        Assert.True(Of(plan, "pub/sub servers").Count <= 5);
        Assert.True(plan.ClassicServers > 3 * Of(plan, "pub/sub servers").Count);
    }

    [Fact]
    public void Everybody_whom_somebody_connected_watches_has_an_actor()
    {
        // Ten users connected with ten friends each, of so many that hardly any friend is shared.
        var plan = FleetPlan.Of(
            new Demand { Connected = 10, Registered = 1_000_000, Friends = 10, Gateways = 1, Cells = 1 },
            Costs with { ActorBytes = new(1e9, "test"), ActorWatchBytes = new(0, "test") });

        Assert.Equal(100, plan.ActorGigabytes, tolerance: 0.1);
    }

    [Fact]
    public void What_a_benchmark_measured_takes_the_place_of_the_default()
    {
        var folder = Directory.CreateTempSubdirectory("nearbyfriends-plan-");
        try
        {
            File.WriteAllText(
                Path.Combine(folder.FullName, "fanout.json"),
                """{"name":"fanout","results":[{"metric":"checks_per_second_per_core_unshared","value":5000000,"unit":"1/s"}]}""");

            var costs = UnitCosts.Measured(folder.FullName);

            Assert.Equal(0.2, costs.DeliveryUs.Value, tolerance: 1e-9);
            Assert.Contains("measured here", costs.DeliveryUs.Source, StringComparison.Ordinal);
            Assert.Equal(Costs.CacheBytes, costs.CacheBytes);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_file_that_is_none_of_a_benchmark_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("nearbyfriends-plan-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "history.json"), "[]");

            var error = Assert.Throws<InvalidDataException>(() => UnitCosts.Measured(folder.FullName));

            Assert.Contains("history.json", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_textbooks_memory_of_channels_does_not_compute_and_its_rates_do()
    {
        var figures = ChapterFigure.All(Costs);

        Assert.False(figures.Single(figure => figure.Said.Contains("200 GB", StringComparison.Ordinal) && figure.Said.Contains("20 bytes", StringComparison.Ordinal)).Holds);
        Assert.True(figures.Single(figure => figure.Said.StartsWith("334,000", StringComparison.Ordinal)).Holds);
        Assert.Contains("333,333", figures[0].Computed, StringComparison.Ordinal);
    }

    private static Machines Of(FleetPlan plan, string what) => plan.Machines.Single(machines => machines.What == what);
}
