namespace NearbyFriends.Benchmarks;

/// <summary>What several rounds come to.</summary>
internal static class Statistics
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
