namespace NearbyFriends.Simulator.Walking;

/// <summary>A place to be around.</summary>
/// <param name="Latitude">Degrees WGS 84.</param>
/// <param name="Longitude">Degrees WGS 84.</param>
public readonly record struct Spot(double Latitude, double Longitude)
{
    private const double MetresPerDegree = 111_195;

    public static Spot SanFrancisco { get; } = new(37.7749, -122.4194);

    /// <summary>In the middle of San Francisco, where the demo's visitor stands.</summary>
    public static Spot UnionSquare { get; } = new(37.788, -122.4075);

    /// <summary>The spot so many metres east and north; flat, which is right enough for a city.</summary>
    public Spot Offset(double east, double north)
    {
        var longitude = Longitude + (east / (MetresPerDegree * Math.Cos(double.DegreesToRadians(Latitude))));
        return new(Latitude + (north / MetresPerDegree), longitude - (360 * Math.Round(longitude / 360)));
    }

    /// <summary>Metres to another spot, as flat as <see cref="Offset"/>.</summary>
    public double MetresTo(Spot other)
    {
        var (east, north) = To(other);
        return Math.Sqrt((east * east) + (north * north));
    }

    /// <summary>The spot on the way to another: 0 is here, 1 there.</summary>
    public Spot Towards(Spot other, double share)
    {
        var (east, north) = To(other);
        return Offset(east * share, north * share);
    }

    /// <summary>Metres east and north to another spot.</summary>
    public (double East, double North) To(Spot other)
    {
        var longitude = other.Longitude - Longitude;
        longitude -= 360 * Math.Round(longitude / 360);
        return (longitude * MetresPerDegree * Math.Cos(double.DegreesToRadians(Latitude)), (other.Latitude - Latitude) * MetresPerDegree);
    }
}
