using NearbyFriends.Core.Geo;

namespace NearbyFriends.UnitTests.Geo;

public sealed class GeohashTests
{
    [Theory] // geohash.org; Wikipedia, "Geohash"; the examples of node-geohash
    [InlineData("ezs42", 42.605, -5.603)]
    [InlineData("u4pruydqqvj", 57.64911, 10.40744)]
    [InlineData("ww8p1r4t8", 37.8324, 112.5584)]
    [InlineData("9q8yyk8yt", 37.7749, -122.4194)]
    public void Published_names_are_these(string name, double latitude, double longitude)
    {
        var cell = Geohash.Of(latitude, longitude, name.Length);

        Assert.Equal(name, cell.ToString());
        Assert.Equal(cell, Geohash.TryParse(name));
        Assert.Equal(cell, Geohash.TryParse(name.ToUpperInvariant()));
    }

    [Fact] // C. Veness, movable-type.co.uk/scripts/geohash.html
    public void Published_neighbours_are_these() => Assert.Equal(
        ["ezefx", "ezs48", "ezs49", "ezefr", "ezs42", "ezs43", "ezefp", "ezs40", "ezs41"],
        from north in new[] { 1, 0, -1 } from east in new[] { -1, 0, 1 } select Geohash.TryParse("ezs42")!.Value.Neighbour(north, east).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("ezs4a")] // a, i, l and o are no digits
    [InlineData("u4pruydqqvj00")]
    public void Other_names_are_none(string name) => Assert.Null(Geohash.TryParse(name));

    [Fact]
    public void The_antimeridian_has_neighbours_on_both_sides()
    {
        var west = Geohash.Of(10, -179.99, 5);
        var east = Geohash.Of(10, 179.99, 5);

        Assert.Equal(east, west.Neighbour(0, -1));
        Assert.Equal(west, east.Neighbour(0, 1));
    }

    [Theory]
    [InlineData(89.99, 1)]
    [InlineData(-89.99, -1)]
    public void Over_a_pole_lies_the_cell_opposite(double latitude, int polewards)
    {
        var cell = Geohash.Of(latitude, 10, 5);

        Assert.Equal(Geohash.Of(latitude, -170, 5), cell.Neighbour(polewards, 0));
        Assert.Equal(cell, cell.Neighbour(polewards, 0).Neighbour(polewards, 0));
    }

    [Fact]
    public void A_cell_holds_its_places_has_one_name_and_knows_the_way_back_from_its_neighbours()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var place = Anywhere(random);
            var cell = Geohash.Of(place, random.Next(1, Geohash.MaxLength + 1));
            var (north, east) = (random.Next(-1, 2), random.Next(-3, 4));

            Assert.Equal(0, cell.MetresFrom(place), 0.02);
            Assert.Equal(cell, Geohash.TryParse(cell.ToString()));
            Assert.Equal(cell.ToString()[..1], Geohash.Of(place, 1).ToString());
            if (cell.South + (north * cell.Height) is >= -90 and < 90)
            {
                Assert.Equal(cell, cell.Neighbour(north, east).Neighbour(-north, -east));
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(37.77, -122.42)]
    [InlineData(-33.87, 179.9999)]
    [InlineData(60, -179.9999)]
    [InlineData(89.99, 20)]
    [InlineData(-90, 0)]
    public void A_circle_touches_the_cells_that_its_places_lie_in_and_no_other(double latitude, double longitude)
    {
        const double Metres = 5_000;
        var centre = Location.FromDegrees(latitude, longitude, 0);
        var touched = Geohash.Touching(centre, Metres, 5, most: int.MaxValue).ToHashSet();
        var random = new Random(1);
        var reached = new HashSet<Geohash>();
        for (var i = 0; i < 200_000; i++)
        {
            var (bearing, distance) = (random.NextDouble() * 2 * Math.PI, Metres * Math.Sqrt(random.NextDouble()));
            reached.Add(Geohash.Of(Towards(centre, bearing, distance), 5));
        }

        Assert.Subset(touched, reached);
        Assert.All(touched, cell => Assert.True(cell.MetresFrom(centre) <= Metres));
        if (Math.Abs(latitude) < 89)
        {
            Assert.InRange(touched.Except(reached).Count(), 0, 1); // one that is touched by a hair may have been missed
        }
    }

    [Fact]
    public void Where_cells_are_narrow_the_nearest_are_taken()
    {
        var pole = Location.FromDegrees(90, 20, 0);

        Assert.Equal(128, Geohash.Touching(pole, 5_000, 5, most: 128).Count);
        Assert.Contains(Geohash.Of(pole, 5), Geohash.Touching(pole, 5_000, 5, most: 128));
    }

    private static Location Anywhere(Random random) =>
        Location.FromDegrees((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180, 0);

    /// <summary>The place so far away in a direction (radians from north).</summary>
    private static Location Towards(in Location from, double bearing, double metres)
    {
        var (latitude, arc) = (from.Latitude * Math.PI / 180, metres / GreatCircle.EarthRadiusMetres);
        var there = Math.Asin((Math.Sin(latitude) * Math.Cos(arc)) + (Math.Cos(latitude) * Math.Sin(arc) * Math.Cos(bearing)));
        var east = Math.Atan2(Math.Sin(bearing) * Math.Sin(arc) * Math.Cos(latitude), Math.Cos(arc) - (Math.Sin(latitude) * Math.Sin(there)));
        return Location.FromDegrees(there * 180 / Math.PI, Math.IEEERemainder(from.Longitude + (east * 180 / Math.PI), 360), 0);
    }
}
