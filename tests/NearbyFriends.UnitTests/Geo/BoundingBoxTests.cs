using NearbyFriends.Core.Geo;


namespace NearbyFriends.UnitTests.Geo;

public sealed class BoundingBoxTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(37.77, -122.42)]
    [InlineData(-33.87, 179.9999)]
    [InlineData(60, -179.9999)]
    [InlineData(89.99, 20)]
    [InlineData(-90, 0)]
    public void Nobody_within_the_distance_is_ruled_out(double latitude, double longitude)
    {
        const double Metres = 8_449;
        var random = new Random(1);
        var centre = Location.FromDegrees(latitude, longitude, 0);
        var box = BoundingBox.Around(centre, Metres);
        for (var i = 0; i < 100_000; i++)
        {
            var other = Near(centre, random);
            Assert.True(box.MayContain(other) || GreatCircle.DistanceMetres(centre.Position, other.Position) > Metres, $"{other}");
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(37.77, -122.42)]
    [InlineData(-33.87, 179.9999)]
    public void Who_is_clearly_farther_is_ruled_out(double latitude, double longitude)
    {
        var box = BoundingBox.Around(Location.FromDegrees(latitude, longitude, 0), 8_000);

        Assert.False(box.MayContain(Location.FromDegrees(latitude + 0.08, longitude, 0)));
        Assert.False(box.MayContain(Location.FromDegrees(latitude - 0.08, longitude, 0)));
        Assert.False(box.MayContain(Location.FromDegrees(latitude, Wrapped(longitude + 0.1), 0)));
        Assert.False(box.MayContain(Location.FromDegrees(latitude, Wrapped(longitude - 0.1), 0)));
        Assert.False(box.MayContain(Location.FromDegrees(-latitude, Wrapped(longitude + 180), 0)));
    }

    [Fact]
    public void The_whole_earth_is_within_half_its_circumference()
    {
        var box = BoundingBox.Around(Location.FromDegrees(10, 10, 0), 20_100_000);

        Assert.True(box.MayContain(Location.FromDegrees(-90, -170, 0)));
        Assert.True(box.MayContain(Location.FromDegrees(-10, -170, 0)));
    }

    [Fact]
    public void An_empty_box_holds_not_even_its_corner() => Assert.False(BoundingBox.Empty.MayContain(Location.FromDegrees(0, 0, 0)));

    // Up to some 11 km away, in any direction, at any latitude.
    private static Location Near(in Location centre, Random random)
    {
        var latitude = Math.Clamp(centre.Latitude + ((random.NextDouble() - 0.5) * 0.2), -90, 90);
        var spread = Math.Min(360, 0.2 / Math.Max(1e-3, Math.Cos(latitude * Math.PI / 180)));
        return Location.FromDegrees(latitude, Wrapped(centre.Longitude + ((random.NextDouble() - 0.5) * spread)), 0);
    }

    private static double Wrapped(double longitude) => Math.IEEERemainder(longitude, 360);
}
