using NearbyFriends.Core.Geo;


namespace NearbyFriends.UnitTests.Geo;

public sealed class GreatCircleTests
{
    /// <summary>
    /// Geodesics on WGS 84, in metres. Quarter meridian, quarter equator and the flattening's extremes follow from the
    /// ellipsoid's constants (semi-axes 6,378,137 and 6,356,752.314245 m); Flinders Peak to Buninyon is the test line
    /// of the Geocentric Datum of Australia technical manual (Vincenty's formulae).
    /// </summary>
    public static TheoryData<double, double, double, double, double> Geodesics => new()
    {
        { 0, 0, 90, 0, 10_001_965.729 },
        { 0, 0, 0, 90, 10_018_754.171 },
        { 0, 0, 0, 1, 111_319.491 },
        { 0, 0, 1, 0, 110_574.389 },
        { 89, 10, 90, 0, 111_693.865 },
        { -37.95103342, 144.42486789, -37.65282114, 143.92649554, 54_972.271 },
    };

    [Theory]
    [MemberData(nameof(Geodesics))]
    public void The_sphere_is_within_six_thousandths_of_the_ellipsoid(double lat1, double lon1, double lat2, double lon2, double metres) =>
        Assert.Equal(metres, GreatCircle.DistanceMetres(lat1, lon1, lat2, lon2), tolerance: metres * 0.006);

    [Fact]
    public void Friends_on_both_sides_of_the_antimeridian_are_close() =>
        Assert.Equal(2_223.9, GreatCircle.DistanceMetres(0, 179.99, 0, -179.99), tolerance: 0.1);

    [Fact]
    public void At_a_pole_every_longitude_is_the_same_place()
    {
        Assert.Equal(0, GreatCircle.DistanceMetres(90, 12, 90, -170), tolerance: 1e-6);
        Assert.Equal(22_239, GreatCircle.DistanceMetres(-89.9, 0, -89.9, 180), tolerance: 1);
    }

    [Fact]
    public void Antipodes_are_half_a_circumference_apart() =>
        Assert.Equal(Math.PI * GreatCircle.EarthRadiusMetres, GreatCircle.DistanceMetres(37, -122, -37, 58), tolerance: 1);

    [Fact]
    public void A_chord_tells_inside_from_outside_as_the_distance_does()
    {
        var random = new Random(4711);
        for (var i = 0; i < 10_000; i++)
        {
            var a = UnitVector.FromDegrees((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180);
            var b = UnitVector.FromDegrees((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180);
            var metres = GreatCircle.DistanceMetres(a, b);
            Assert.True(a.ChordSquared(b) <= GreatCircle.ChordSquaredOfMetres(metres + 0.01));
            Assert.True(a.ChordSquared(b) >= GreatCircle.ChordSquaredOfMetres(metres - 0.01));
        }
    }

    [Fact]
    public void A_metre_is_a_metre_also_on_the_other_side_of_the_world() =>
        Assert.Equal(1, GreatCircle.DistanceMetres(-45, 170, -45 + (1 / 111_195.08), 170), tolerance: 0.001);
}
