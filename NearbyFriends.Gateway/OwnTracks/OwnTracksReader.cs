using System.Globalization;
using System.Text.Json;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.OwnTracks;

/// <summary>Reads what the OwnTracks apps send: the points of <c>location</c> messages, and nothing of the others.</summary>
/// <remarks>
/// Source: the OwnTracks booklet, JSON (_type=location) and HTTP. Battery, speed, Wi-Fi and the like are passed over, whatever
/// form they have. Apps differ in the numbers: an accuracy of 0 or below is none, times may be text, have fractions, or come in
/// milliseconds.
/// </remarks>
public static class OwnTracksReader
{
    private const double FirstMilliseconds = 1e11; // in seconds the year 5138

    /// <summary>The points of a body that is one message or an array of them; null when it is no such thing.</summary>
    public static IReadOnlyList<ClientPoint>? ReadPoints(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return []; // a friend was removed in the app
        }

        try
        {
            using var body = JsonDocument.Parse(utf8);
            return body.RootElement.ValueKind switch
            {
                JsonValueKind.Object => [.. PointsOf([body.RootElement])],
                JsonValueKind.Array => [.. PointsOf(body.RootElement.EnumerateArray())],
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<ClientPoint> PointsOf(IEnumerable<JsonElement> messages) =>
        from message in messages
        where message.ValueKind == JsonValueKind.Object && message.TryGetProperty("_type", out var type)
            && type.ValueKind == JsonValueKind.String && type.ValueEquals("location")
        select new ClientPoint(
            Number(message, "lat") ?? double.NaN, Number(message, "lon") ?? double.NaN, TimeOf(message), AccuracyOf(message));

    private static long? TimeOf(JsonElement message) => (Number(message, "tst") ?? Number(message, "created_at")) switch
    {
        >= 0 and < FirstMilliseconds and var seconds => (long)(seconds * 1_000),
        >= FirstMilliseconds and < 1e15 and var milliseconds => (long)milliseconds,
        _ => null,
    };

    // The apps leave out an accuracy of 0; a device without a fix has -1, which the check of locations knows.
    private static float AccuracyOf(JsonElement message) => Number(message, "acc") is { } accuracy && accuracy != 0 ? (float)accuracy : float.NaN;

    private static double? Number(JsonElement message, string name) => message.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out var number) => number,
            JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        }
        : null;
}
