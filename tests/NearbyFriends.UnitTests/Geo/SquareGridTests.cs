using NearbyFriends.Core.Geo;

namespace NearbyFriends.UnitTests.Geo;

public sealed class SquareGridTests
{
    private const double Side = 250;

    private readonly SquareGrid _grid = new(Side);
    private readonly Random _random = new(1);

    [Fact]
    public void A_place_is_within_half_a_diagonal_of_its_squares_centre_and_keeps_its_time()
    {
        for (var i = 0; i < 100_000; i++)
        {
            var place = Anywhere(85);
            var centre = _grid.Snap(place);

            Assert.True(GreatCircle.DistanceMetres(place.Position, centre.Position) <= Side * Math.Sqrt(0.5) * 1.001, $"{place}");
            Assert.Equal(place.Time, centre.Time);
            Assert.Equal(centre, _grid.Snap(centre));
        }
    }

    [Fact]
    public void No_square_is_smaller_than_the_side_anywhere()
    {
        for (var i = 0; i < 100_000; i++)
        {
            var centre = _grid.Snap(Anywhere(90));
            var metresOfDegree = GreatCircle.EarthRadiusMetres * Math.PI / 180;
            var nearly = Side * 0.49 / metresOfDegree;
            foreach (var north in new[] { -nearly, nearly })
            {
                var latitude = Math.Clamp(centre.Latitude + north, -90, 90);
                var east = Math.Min(179, nearly / Math.Max(1e-9, Math.Cos(latitude * Math.PI / 180)));
                foreach (var longitude in new[] { centre.Longitude - east, centre.Longitude + east })
                {
                    var corner = Location.FromDegrees(latitude, Math.IEEERemainder(longitude, 360), centre.Time);
                    Assert.Equal(centre, _grid.Snap(corner));
                }
            }
        }
    }

    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    public void A_pole_is_one_place(double pole) =>
        Assert.Equal(_grid.Snap(Location.FromDegrees(pole, 0, 1)), _grid.Snap(Location.FromDegrees(pole, -122.4, 1)));

    [Fact]
    public void The_antimeridian_is_the_same_from_both_sides() =>
        Assert.Equal(_grid.Snap(Location.FromDegrees(-17, -180, 1)), _grid.Snap(Location.FromDegrees(-17, 180, 1)));

    private Location Anywhere(double maxLatitude) =>
        Location.FromDegrees(((_random.NextDouble() * 2) - 1) * maxLatitude, (_random.NextDouble() * 360) - 180, 7);
}
