using System.Globalization;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>A point of somebody's own record, as it was read: anything may be missing or impossible.</summary>
/// <param name="Latitude">Degrees WGS 84; NaN where there is none that can be read.</param>
/// <param name="Longitude">Degrees WGS 84; NaN where there is none that can be read.</param>
/// <param name="Time">Unix milliseconds UTC; null where there is none that can be read.</param>
/// <param name="AccuracyMetres">Radius of uncertainty in metres; NaN where the record has none.</param>
public readonly record struct TrackPoint(double Latitude, double Longitude, long? Time, float AccuracyMetres = float.NaN)
{
    /// <summary>A finite decimal number; NaN for anything else.</summary>
    public static double Number(ReadOnlySpan<char> text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : double.NaN;

    /// <summary>Unix milliseconds of an ISO 8601 instant, which is UTC if it names no zone; null for anything else.</summary>
    public static long? Instant(string? text) =>
        text is [_, _, _, _, '-', ..] && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant.ToUnixTimeMilliseconds()
            : null;
}
