using NearbyFriends.Simulator.Walking;

namespace NearbyFriends.UnitTests.Simulator;

public sealed class WalkerTests
{
    private static readonly RoadGraph Roads = new(CityMap.SanFrancisco);
    private static readonly TimeSpan InactiveAfter = TimeSpan.FromMinutes(10);

    [Fact]
    public void A_walk_keeps_off_motorways_and_tunnels_and_a_ride_takes_them_when_they_are_quicker()
    {
        var (from, to) = (Roads.Nearest(new(37.7880, -122.4070), Travel.Foot), Roads.Nearest(new(37.8000, -122.4360), Travel.Foot));

        var walk = Roads.Find(from, to, Travel.Foot)!;
        var ride = Roads.Find(from, to, Travel.Ride)!;

        Assert.Null(walk.When((_, underground) => underground));
        Assert.InRange(walk.Seconds, Spot.UnionSquare.MetresTo(new(37.8000, -122.4360)) / 1.5, 4_000);
        Assert.True(ride.Seconds < walk.Seconds / 3);
        Assert.Equal(Roads.Map.Nodes[to], ride.At(ride.Seconds).Spot);
        Assert.NotNull(Roads.Find(Roads.Nearest(Spot.UnionSquare, Travel.Ride), Roads.Nearest(new(37.805, -122.2705), Travel.Ride), Travel.Ride)!
            .When((_, underground) => underground));
    }

    [Fact]
    public void On_a_route_one_moves_no_faster_than_it_says_and_never_jumps()
    {
        var route = Roads.Find(Roads.Nearest(new(37.7600, -122.4830), Travel.Ride), Roads.Nearest(Spot.UnionSquare, Travel.Ride), Travel.Ride)!;
        for (var second = 1; second < route.Seconds; second++)
        {
            Assert.InRange(route.At(second).Spot.MetresTo(route.At(second - 1).Spot), 0, 25);
        }
    }

    [Fact]
    public void The_same_seed_makes_the_same_people_who_go_the_same_ways_on_roads()
    {
        var (one, other) = (new Townspeople(Roads, InactiveAfter, 1), new Townspeople(Roads, InactiveAfter, 1));
        for (var number = 0; number < 60; number += 7)
        {
            var (a, b) = (one.Make(number), other.Make(number));
            var moved = 0.0;
            for (var second = 0; second < 3_600; second++)
            {
                var before = a.Walker.Position;
                a.Walker.Advance(1);
                b.Walker.Advance(1);
                Assert.Equal(a.Walker.Position, b.Walker.Position);
                moved += before.MetresTo(a.Walker.Position);
                Assert.InRange(before.MetresTo(a.Walker.Position), 0, 30);
            }

            Assert.InRange(moved, 500, 100_000);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Within_the_first_minute_everything_happens_that_can_happen_to_the_visitors_friends(int seed)
    {
        var town = new Townspeople(Roads, InactiveAfter, seed);
        var (near, entered, left, uploaded, inactive, back) = (0, 0, 0, 0, 0, 0);
        for (var number = 0; number < Townspeople.Friends; number++)
        {
            var person = town.Make(number);
            var silent = person.SilentFor;
            var (inside, underground, empty) = (IsInside(person, false), person.Walker.IsUnderground, person.Battery.IsEmpty);
            near += !empty && person.Walker.Position.MetresTo(Spot.UnionSquare) < 1_600 ? 1 : 0;
            for (var second = 0; second < 60; second++)
            {
                person.Walker.Advance(1);
                person.Battery.Advance(TimeSpan.FromSeconds(1));
                silent += TimeSpan.FromSeconds(1);
                entered += !inside && IsInside(person, inside) ? 1 : 0;
                left += inside && !IsInside(person, inside) ? 1 : 0;
                uploaded += underground && !person.Walker.IsUnderground ? 1 : 0;
                back += empty && !person.Battery.IsEmpty ? 1 : 0;
                inactive += empty && person.Battery.IsEmpty && silent == InactiveAfter + TimeSpan.FromSeconds(1) ? 1 : 0;
                (inside, underground, empty) = (IsInside(person, inside), person.Walker.IsUnderground, person.Battery.IsEmpty);
            }
        }

        Assert.True(near >= 5, $"only {near} friends are near");
        Assert.True(entered >= 2, $"only {entered} friends come");
        Assert.True(left >= 2, $"only {left} friends leave");
        Assert.True(uploaded >= 2, $"only {uploaded} friends come out of a tunnel");
        Assert.True(inactive >= 2, $"only {inactive} friends become inactive");
        Assert.True(back >= 2, $"only {back} friends come back");
    }

    [Fact]
    public void A_battery_empties_and_is_charged_again()
    {
        var battery = new Battery(new Random(1), (TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(4)), (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)));
        var (changes, was) = (0, battery.IsEmpty);
        for (var second = 0; second < 3_600; second++)
        {
            battery.Advance(TimeSpan.FromSeconds(1));
            changes += was != battery.IsEmpty ? 1 : 0;
            was = battery.IsEmpty;
        }

        Assert.InRange(changes, 3_600 / 360 * 2, 3_600 / 180 * 2 + 1);
    }

    /// <summary>Whether the list shows somebody, who stays in it up to 1.05 times the radius.</summary>
    private static bool IsInside(Townsperson person, bool was) =>
        person.Walker.Position.MetresTo(Spot.UnionSquare) is var metres && (metres < 8_047 || (was && metres < 8_047 * 1.05));
}
