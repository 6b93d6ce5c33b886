using NearbyFriends.Core.Geo;

namespace NearbyFriends.UnitTests.Geo;

public sealed class ApproximateGridTests
{
    [Fact]
    public void A_place_is_at_most_710_metres_from_where_it_is_shown_all_over_the_earth()
    {
        var random = new Random(16);
        for (var i = 0; i < 20_000; i++)
        {
            var place = Location.FromDegrees((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180, i);
            var shown = ApproximateGrid.Snap(place);

            Assert.InRange(GreatCircle.DistanceMetres(place.Position, shown.Position), 0, 710);
            Assert.Equal(shown, ApproximateGrid.Snap(shown));
            Assert.Equal(place.Time, shown.Time);
        }
    }

    [Fact]
    public void Places_of_one_cell_are_shown_as_one_and_a_cell_is_a_kilometre_wide()
    {
        var shown = new HashSet<(int, int)>();
        for (var metre = 0; metre < 10_000; metre++)
        {
            shown.Add(Place(ApproximateGrid.Snap(Location.FromDegrees(52.5, 13.4 + (metre / 111_195.0 / Math.Cos(52.5 * Math.PI / 180)), 0))));
        }

        Assert.InRange(shown.Count, 10, 11);
    }

    [Theory]
    [InlineData(90, 0)]
    [InlineData(-90, 0)]
    [InlineData(89.999, 179.9999999)]
    [InlineData(0, 180)]
    [InlineData(0, -180)]
    [InlineData(-52, -179.9999999)]
    public void The_ends_of_the_grid_are_on_earth(double latitude, double longitude)
    {
        var shown = ApproximateGrid.Snap(Location.FromDegrees(latitude, longitude, 0));

        Assert.True(Location.IsOnEarth(shown.Latitude, shown.Longitude));
    }

    private static (int Latitude, int Longitude) Place(Location location) => (location.LatitudeE7, location.LongitudeE7);
}
