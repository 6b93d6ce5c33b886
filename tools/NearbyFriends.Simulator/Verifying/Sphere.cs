namespace NearbyFriends.Simulator.Verifying;

/// <summary>
/// The verifier's own distance, by another formula than gateway (chord) and client (haversine): Vincenty's, on a sphere,
/// which is accurate for near points and antipodes alike. Source: T. Vincenty, Direct and Inverse Solutions of Geodesics on
/// the Ellipsoid, Survey Review 23 (1975), with flattening 0.
/// </summary>
public static class Sphere
{
    private const double RadiusMetres = 6_371_008.8;

    /// <summary>Metres between two positions in degrees.</summary>
    public static double Metres(in Place a, in Place b)
    {
        var (sin1, cos1) = Math.SinCos(double.DegreesToRadians(a.Latitude));
        var (sin2, cos2) = Math.SinCos(double.DegreesToRadians(b.Latitude));
        var (sinL, cosL) = Math.SinCos(double.DegreesToRadians(b.Longitude - a.Longitude));
        var across = cos2 * sinL;
        var along = (cos1 * sin2) - (sin1 * cos2 * cosL);
        return RadiusMetres * Math.Atan2(Math.Sqrt((across * across) + (along * along)), (sin1 * sin2) + (cos1 * cos2 * cosL));
    }
}

/// <summary>A position in degrees WGS 84, on the grid of 1e-7 degrees on which positions travel.</summary>
public readonly record struct Place
{
    public Place(double latitude, double longitude) => (Latitude, Longitude) = (Math.Round(latitude, 7), Math.Round(longitude, 7));

    public double Latitude { get; }

    public double Longitude { get; }
}
