namespace NearbyFriends.UnitTests.Geo;

/// <summary>
/// The distance on the WGS 84 ellipsoid, to compare the sphere with. Source: T. Vincenty, Direct and Inverse Solutions of
/// Geodesics on the Ellipsoid, Survey Review 23 (1975), inverse method; accurate to less than a millimetre except for
/// points that are nearly antipodal, for which it does not converge.
/// </summary>
internal static class Ellipsoid
{
    private const double SemiMajorMetres = 6_378_137;
    private const double Flattening = 1 / 298.257223563;
    private const double SemiMinorMetres = SemiMajorMetres * (1 - Flattening);

    /// <summary>Metres between two positions in degrees.</summary>
    /// <exception cref="ArithmeticException">The points are nearly antipodal.</exception>
    public static double Metres(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        var l = double.DegreesToRadians(longitude2 - longitude1);
        var (sinU1, cosU1) = Math.SinCos(Math.Atan((1 - Flattening) * Math.Tan(double.DegreesToRadians(latitude1))));
        var (sinU2, cosU2) = Math.SinCos(Math.Atan((1 - Flattening) * Math.Tan(double.DegreesToRadians(latitude2))));
        var lambda = l;
        for (var round = 0; round < 1000; round++)
        {
            var (sinLambda, cosLambda) = Math.SinCos(lambda);
            var across = cosU2 * sinLambda;
            var along = (cosU1 * sinU2) - (sinU1 * cosU2 * cosLambda);
            var sinSigma = Math.Sqrt((across * across) + (along * along));
            if (sinSigma == 0)
            {
                return 0;
            }

            var cosSigma = (sinU1 * sinU2) + (cosU1 * cosU2 * cosLambda);
            var sigma = Math.Atan2(sinSigma, cosSigma);
            var sinAlpha = cosU1 * cosU2 * sinLambda / sinSigma;
            var cosSqAlpha = 1 - (sinAlpha * sinAlpha);
            var cos2SigmaM = cosSqAlpha == 0 ? 0 : cosSigma - (2 * sinU1 * sinU2 / cosSqAlpha); // on the equator
            var c = Flattening / 16 * cosSqAlpha * (4 + (Flattening * (4 - (3 * cosSqAlpha))));
            var before = lambda;
            var middle = cos2SigmaM + (c * cosSigma * (-1 + (2 * cos2SigmaM * cos2SigmaM)));
            lambda = l + ((1 - c) * Flattening * sinAlpha * (sigma + (c * sinSigma * middle)));
            if (Math.Abs(lambda - before) < 1e-12)
            {
                return Length(sigma, sinSigma, cosSigma, cosSqAlpha, cos2SigmaM);
            }
        }

        throw new ArithmeticException("The points are nearly antipodal.");
    }

    private static double Length(double sigma, double sinSigma, double cosSigma, double cosSqAlpha, double cos2SigmaM)
    {
        var uSq = cosSqAlpha * ((SemiMajorMetres * SemiMajorMetres) - (SemiMinorMetres * SemiMinorMetres)) / (SemiMinorMetres * SemiMinorMetres);
        var a = 1 + (uSq / 16384 * (4096 + (uSq * (-768 + (uSq * (320 - (175 * uSq)))))));
        var b = uSq / 1024 * (256 + (uSq * (-128 + (uSq * (74 - (47 * uSq))))));
        var cosSq = cos2SigmaM * cos2SigmaM;
        var third = b / 6 * cos2SigmaM * (-3 + (4 * sinSigma * sinSigma)) * (-3 + (4 * cosSq));
        var deltaSigma = b * sinSigma * (cos2SigmaM + (b / 4 * ((cosSigma * (-1 + (2 * cosSq))) - third)));
        return SemiMinorMetres * a * (sigma - deltaSigma);
    }
}
