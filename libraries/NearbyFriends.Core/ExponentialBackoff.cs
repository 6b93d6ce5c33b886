namespace NearbyFriends.Core;

/// <summary>How long to wait before the next attempt: doubled with each failure, and jittered so that callers do not come back together.</summary>
public static class ExponentialBackoff
{
    private const int MostDoublings = 20; // beyond the longest of any caller

    /// <summary><paramref name="first"/> x 2^<paramref name="failures"/>, at most <paramref name="longest"/>.</summary>
    /// <param name="first">After no failure; above zero.</param>
    /// <param name="longest">At least <paramref name="first"/>.</param>
    /// <param name="failures">0 or more.</param>
    public static TimeSpan Step(TimeSpan first, TimeSpan longest, int failures)
    {
        var step = first * Math.Pow(2, Math.Min(failures, MostDoublings));
        return step < longest ? step : longest;
    }

    /// <summary>A <see cref="Step"/> of which up to half is taken off.</summary>
    /// <param name="first">After no failure; above zero.</param>
    /// <param name="longest">At least <paramref name="first"/>.</param>
    /// <param name="failures">0 or more.</param>
    /// <param name="random">What is taken off: 0 nothing, 1 half.</param>
    public static TimeSpan UpperHalf(TimeSpan first, TimeSpan longest, int failures, double random) => Step(first, longest, failures) * (1 - (random / 2));
}
