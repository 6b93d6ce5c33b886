namespace NearbyFriends.Client.Locations;

/// <summary>Where a device was, and when.</summary>
/// <param name="Latitude">Degrees WGS 84, -90 to 90.</param>
/// <param name="Longitude">Degrees WGS 84, -180 to 180.</param>
/// <param name="Time">
/// Unix milliseconds UTC. More than 60 s ahead of the gateway is refused (<c>clock_skew</c>), older than 24 h too
/// (<c>too_old</c>); <see cref="NearbyClient.Now"/> is the gateway's clock as far as the client knows it.
/// </param>
/// <param name="Accuracy">Radius of uncertainty in metres; null when the device reports none.</param>
public readonly record struct Location(double Latitude, double Longitude, long Time, double? Accuracy = null)
{
    /// <summary>Mean Earth radius R1 of the IUGG, in metres (H. Moritz, Geodetic Reference System 1980).</summary>
    public const double EarthRadiusMetres = 6_371_008.8;

    /// <summary>
    /// Great-circle distance to another position in metres, 0 to about 20,015,115; within 0.6 % of the WGS 84 ellipsoid.
    /// Haversine formula (R. W. Sinnott, Virtues of the Haversine, 1984): accurate for near points, and right across the
    /// antimeridian and at the poles.
    /// </summary>
    public double DistanceTo(double latitude, double longitude)
    {
        const double ToRadians = Math.PI / 180;
        var sinLatitude = Math.Sin((latitude - Latitude) * ToRadians / 2);
        var sinLongitude = Math.Sin((longitude - Longitude) * ToRadians / 2);
        var haversine = (sinLatitude * sinLatitude)
            + (Math.Cos(Latitude * ToRadians) * Math.Cos(latitude * ToRadians) * sinLongitude * sinLongitude);
        return 2 * EarthRadiusMetres * Math.Asin(Math.Min(1, Math.Sqrt(haversine)));
    }
}
