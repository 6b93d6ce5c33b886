using FsCheck;
using FsCheck.Fluent;
using NearbyFriends.Core.Geo;

namespace NearbyFriends.UnitTests.Geo;

/// <summary>What holds for the distance of any two places on Earth.</summary>
public sealed class DistanceProperties
{
    private const int MilliDegrees = 1000;

    // Vincenty's iteration does not converge for points that are nearly antipodal.
    private const double AlmostAntipodal = Math.PI * GreatCircle.EarthRadiusMetres * 0.99;

    private static readonly Arbitrary<Place> Anywhere = Gen.Choose(-90 * MilliDegrees, 90 * MilliDegrees)
        .Zip(Gen.Choose(-180 * MilliDegrees, 180 * MilliDegrees), (lat, lon) => new Place(lat / (double)MilliDegrees, lon / (double)MilliDegrees))
        .ToArbitrary();

    [Fact]
    public void It_is_within_six_thousandths_of_the_ellipsoid_everywhere() => Prop.ForAll(Anywhere, Anywhere, (a, b) =>
        Metres(a, b) > AlmostAntipodal || Math.Abs(Metres(a, b) - Ellipsoid.Metres(a.Lat, a.Lon, b.Lat, b.Lon)) <= 0.006 * Metres(a, b) + 0.001)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void It_is_the_same_both_ways_and_never_negative() => Prop.ForAll(Anywhere, Anywhere, (a, b) =>
        Metres(a, b) >= 0 && Math.Abs(Metres(a, b) - Metres(b, a)) < 1e-6)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_detour_is_never_shorter() => Prop.ForAll(Anywhere, Anywhere, Anywhere, (a, b, c) =>
        Metres(a, c) <= Metres(a, b) + Metres(b, c) + 0.001)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_turn_around_the_axis_changes_nothing() => Prop.ForAll(Anywhere, Anywhere, Gen.Choose(0, 360).ToArbitrary(), (a, b, turn) =>
        Math.Abs(Metres(a, b) - Metres(a with { Lon = a.Lon + turn }, b with { Lon = b.Lon + turn })) < 0.001)
        .QuickCheckThrowOnFailure();

    private static double Metres(Place a, Place b) => GreatCircle.DistanceMetres(a.Lat, a.Lon, b.Lat, b.Lon);

    private sealed record Place(double Lat, double Lon);
}
