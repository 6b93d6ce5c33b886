namespace NearbyFriends.Benchmarks;

/// <summary>What all benchmarks do with their figures.</summary>
internal static class Measuring
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
