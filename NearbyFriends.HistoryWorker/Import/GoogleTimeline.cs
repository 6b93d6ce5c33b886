using System.Text.Json;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>
/// The locations of Google's Timeline, in each of its exports: the one of an Android device (<c>semanticSegments</c> and
/// <c>rawSignals</c>), the one of an iPhone (an array of segments), and those of Takeout until 2024: <c>Records.json</c>
/// (<c>locations</c>) and the files of months (<c>timelineObjects</c>). What Google concluded from them (visits, activities, places, and
/// paths without times) is left out. Memory does not grow with the file.
/// </summary>
/// <remarks>Source for Takeout, which Google does not document: https://locationhistoryformat.com.</remarks>
public static class GoogleTimeline
{
    private const double E7 = 1e7;
    private const long MillisecondsPerMinute = 60_000;

    /// <summary>Reads the points; the caller disposes the stream.</summary>
    /// <exception cref="FormatException">All of the lists are missing or empty.</exception>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static IEnumerable<TrackPoint> Read(Stream content)
    {
        var isTimeline = false;
        foreach (var (list, item) in new JsonItems(content).Read())
        {
            var points = list switch
            {
                "locations" => [OfRecord(item)],
                "rawSignals" => OfSignal(item),
                "timelineObjects" => OfTimelineObject(item),
                "semanticSegments" or JsonItems.Root => OfSegment(item),
                _ => null,
            };
            isTimeline |= points is not null;
            foreach (var point in points ?? [])
            {
                yield return point;
            }
        }

        if (!isTimeline)
        {
            throw new FormatException("the file has nothing in semanticSegments, rawSignals, locations or timelineObjects, as Google's exports do.");
        }
    }

    private static TrackPoint OfRecord(JsonElement record) => new(
        Number(record, "latitudeE7") / E7, Number(record, "longitudeE7") / E7, TakeoutTime(record), (float)Number(record, "accuracy"));

    // A journey or a visit. The waypoints of a journey have no times.
    private static IEnumerable<TrackPoint> OfTimelineObject(JsonElement item) =>
        from part in (string[])["activitySegment", "placeVisit"]
        let points = Member(Member(Member(item, part), "simplifiedRawPath"), "points")
        where points.ValueKind == JsonValueKind.Array
        from point in points.EnumerateArray()
        select new TrackPoint(Number(point, "latE7") / E7, Number(point, "lngE7") / E7, TakeoutTime(point), (float)Number(point, "accuracyMeters"));

    // Other signals are of activities and Wi-Fi.
    private static TrackPoint[] OfSignal(JsonElement signal)
    {
        if (Member(signal, "position") is not { ValueKind: JsonValueKind.Object } position)
        {
            return [];
        }

        var (latitude, longitude) = Position(Text(position, "LatLng"));
        return [new(latitude, longitude, TrackPoint.Instant(Text(position, "timestamp")), (float)Number(position, "accuracyMeters"))];
    }

    // Android tells the time of a point of a path, an iPhone the minutes since the segment began.
    private static IEnumerable<TrackPoint> OfSegment(JsonElement segment)
    {
        var path = Member(segment, "timelinePath");
        if (path.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        var start = TrackPoint.Instant(Text(segment, "startTime"));
        foreach (var point in path.EnumerateArray())
        {
            var (latitude, longitude) = Position(Text(point, "point"));
            var time = TrackPoint.Instant(Text(point, "time"))
                ?? (start + (WholeNumber(point, "durationMinutesOffsetFromStartTime") * MillisecondsPerMinute));
            yield return new(latitude, longitude, time);
        }
    }

    // "48.1°, 11.5°" or "geo:48.1,11.5".
    private static (double Latitude, double Longitude) Position(string? text)
    {
        const string Scheme = "geo:";
        var numbers = (text ?? "").Replace("°", "", StringComparison.Ordinal).AsSpan();
        numbers = numbers.StartsWith(Scheme) ? numbers[Scheme.Length..] : numbers;
        var comma = numbers.IndexOf(',');
        return comma < 0 ? (double.NaN, double.NaN) : (TrackPoint.Number(numbers[..comma]), TrackPoint.Number(numbers[(comma + 1)..]));
    }

    // Files from before 2022 have milliseconds.
    private static long? TakeoutTime(JsonElement item) => TrackPoint.Instant(Text(item, "timestamp")) ?? WholeNumber(item, "timestampMs");

    private static JsonElement Member(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement item, string name) =>
        Member(item, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    // Some exports write numbers as strings.
    private static double Number(JsonElement item, string name) =>
        Member(item, name) is { ValueKind: JsonValueKind.Number or JsonValueKind.String } number ? TrackPoint.Number(number.ToString()) : double.NaN;

    private static long? WholeNumber(JsonElement item, string name) =>
        Number(item, name) is var number && Math.Abs(number) < long.MaxValue / MillisecondsPerMinute ? (long)number : null;
}
