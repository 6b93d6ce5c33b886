namespace NearbyFriends.Simulator.Walking;

/// <summary>A way from node to node.</summary>
/// <param name="Destination">The node at its end.</param>
/// <param name="Travel">How it is gone.</param>
/// <param name="Steps">Where one is after how many seconds from the start, and whether the way to there is below ground.</param>
public sealed record Route(int Destination, Travel Travel, IReadOnlyList<(Spot Spot, double Seconds, bool Underground)> Steps)
{
    /// <summary>How long it takes.</summary>
    public double Seconds => Steps[^1].Seconds;

    /// <summary>Where one is after so many seconds; the end when it is over.</summary>
    public (Spot Spot, bool Underground) At(double seconds)
    {
        // The first step that is not yet reached.
        var (low, high) = (0, Steps.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Steps[middle].Seconds > seconds ? (low, middle) : (middle + 1, high);
        }

        if (low == 0 || low == Steps.Count)
        {
            return (Steps[Math.Min(low, Steps.Count - 1)].Spot, false);
        }

        var (from, to) = (Steps[low - 1], Steps[low]);
        return (from.Spot.Towards(to.Spot, (seconds - from.Seconds) / (to.Seconds - from.Seconds)), to.Underground);
    }

    /// <summary>The first second at which <paramref name="condition"/> holds; null when it never does.</summary>
    public double? When(Func<Spot, bool, bool> condition)
    {
        for (var second = 0.0; second <= Seconds; second++)
        {
            var (spot, underground) = At(second);
            if (condition(spot, underground))
            {
                return second;
            }
        }

        return null;
    }
}
