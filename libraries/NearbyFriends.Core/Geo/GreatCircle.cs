namespace NearbyFriends.Core.Geo;

/// <summary>
/// Straight-line ("as the crow flies") distance on a sphere of the Earth's mean radius.
/// </summary>
/// <remarks>
/// A sphere is within 0.6 % of the WGS 84 ellipsoid everywhere. Points are compared as unit vectors: the chord between
/// two of them grows with the arc, so "is it inside the radius?" is three subtractions and three multiplications
/// against a squared chord computed once per radius, without trigonometry, and right at the poles and across the
/// antimeridian. Only a distance that is shown to somebody costs an arcsine.
/// Sources: mean radius R1 of the IUGG (H. Moritz, Geodetic Reference System 1980);
/// chord-to-arc: d = 2 R asin(c / 2).
/// </remarks>
public static class GreatCircle
{
    /// <summary>Mean Earth radius R1 of the IUGG, in metres.</summary>
    public const double EarthRadiusMetres = 6_371_008.8;

    /// <summary>Distance between two positions in degrees WGS 84, in metres (0 to about 20,015,115).</summary>
    public static double DistanceMetres(double latitude1, double longitude1, double latitude2, double longitude2) =>
        DistanceMetres(UnitVector.FromDegrees(latitude1, longitude1), UnitVector.FromDegrees(latitude2, longitude2));

    /// <summary>Distance between two positions, in metres.</summary>
    public static double DistanceMetres(in UnitVector a, in UnitVector b) => MetresOfChordSquared(a.ChordSquared(b));

    /// <summary>Arc length in metres of a squared chord on the unit sphere (0 to 4).</summary>
    public static double MetresOfChordSquared(double chordSquared) =>
        2 * EarthRadiusMetres * Math.Asin(Math.Min(1, Math.Sqrt(chordSquared) / 2));

    /// <summary>
    /// Squared chord on the unit sphere of an arc of <paramref name="metres"/>; what is farther than half the
    /// circumference counts as the antipode.
    /// </summary>
    public static double ChordSquaredOfMetres(double metres)
    {
        var half = Math.Sin(Math.Min(metres / (2 * EarthRadiusMetres), Math.PI / 2));
        return 4 * half * half;
    }
}

/// <summary>A position on the unit sphere.</summary>
public readonly record struct UnitVector(double X, double Y, double Z)
{
    /// <summary>From degrees WGS 84; latitude -90 to 90, longitude any.</summary>
    public static UnitVector FromDegrees(double latitude, double longitude)
    {
        var (sinLatitude, cosLatitude) = Math.SinCos(latitude * (Math.PI / 180));
        var (sinLongitude, cosLongitude) = Math.SinCos(longitude * (Math.PI / 180));
        return new(cosLatitude * cosLongitude, cosLatitude * sinLongitude, sinLatitude);
    }

    /// <summary>Squared length of the chord to <paramref name="other"/>, 0 to 4.</summary>
    public double ChordSquared(in UnitVector other)
    {
        var x = X - other.X;
        var y = Y - other.Y;
        var z = Z - other.Z;
        return (x * x) + (y * y) + (z * z);
    }
}
