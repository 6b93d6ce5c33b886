using System.Globalization;
using System.Text.Json;
using System.Xml;
using NearbyFriends.History;

namespace NearbyFriends.Api.History;

/// <summary>The forms in which a user takes its own history away.</summary>
public enum HistoryFileFormat
{
    /// <summary>GPX 1.1: a track whose segments end where nothing was recorded for a while.</summary>
    Gpx,

    /// <summary>GeoJSON (RFC 7946): a feature collection of points.</summary>
    GeoJson,
}

/// <summary>A history as a file, written while it is read: it costs the memory of a page, however long it is.</summary>
/// <remarks>
/// What fails before the first page is answered as a problem. What fails later ends the connection, so that no client takes the
/// part for the whole.
/// </remarks>
public sealed class HistoryFile(IAsyncEnumerable<StoredPoint> points, HistoryFileFormat format) : IResult
{
    /// <summary>The media type of GPX.</summary>
    public const string GpxType = "application/gpx+xml";

    /// <summary>The media type of GeoJSON.</summary>
    public const string GeoJsonType = "application/geo+json";

    private const int FlushAfterBytes = 32 * 1024;
    private static readonly TimeSpan SegmentGap = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var each = points.GetAsyncEnumerator(httpContext.RequestAborted);
        var hasPoint = await each.MoveNextAsync(); // before the head is sent
        var response = httpContext.Response;
        response.ContentType = format == HistoryFileFormat.Gpx ? GpxType : GeoJsonType;
        response.Headers.ContentDisposition = $"attachment; filename=\"history.{(format == HistoryFileFormat.Gpx ? "gpx" : "geojson")}\"";
        await (format == HistoryFileFormat.Gpx ? WriteGpxAsync(each, hasPoint, response) : WriteGeoJsonAsync(each, hasPoint, response));
    }

    // Elements in the order of the schema's sequences; a longitude of 180 is no longitude there. GPX has no accuracy in metres.
    private static async Task WriteGpxAsync(IAsyncEnumerator<StoredPoint> each, bool hasPoint, HttpResponse response)
    {
        const string Namespace = "http://www.topografix.com/GPX/1/1";
        const string Extension = "https://nearbyfriends.dev/gpx/1";
        await using var xml = XmlWriter.Create(response.Body, new XmlWriterSettings { Async = true });
        await xml.WriteStartDocumentAsync();
        await xml.WriteStartElementAsync(null, "gpx", Namespace);
        await xml.WriteAttributeStringAsync("xmlns", "nf", null, Extension);
        await xml.WriteAttributeStringAsync(null, "version", null, "1.1");
        await xml.WriteAttributeStringAsync(null, "creator", null, "NearbyFriends");
        await xml.WriteStartElementAsync(null, "trk", Namespace);
        await xml.WriteStartElementAsync(null, "trkseg", Namespace);
        for (long? before = null; hasPoint; hasPoint = await each.MoveNextAsync())
        {
            var (location, accuracy) = each.Current;
            if (location.Time - before > (long)SegmentGap.TotalMilliseconds)
            {
                await xml.WriteEndElementAsync();
                await xml.WriteStartElementAsync(null, "trkseg", Namespace);
            }

            before = location.Time;
            await xml.WriteStartElementAsync(null, "trkpt", Namespace);
            await xml.WriteAttributeStringAsync(null, "lat", null, Degrees(location.Latitude));
            await xml.WriteAttributeStringAsync(null, "lon", null, Degrees(location.Longitude == 180 ? -180 : location.Longitude));
            await xml.WriteElementStringAsync(null, "time", Namespace, Time(location.Time));
            if (accuracy is { } metres)
            {
                await xml.WriteStartElementAsync(null, "extensions", Namespace);
                await xml.WriteElementStringAsync("nf", "accuracy", Extension, metres.ToString(CultureInfo.InvariantCulture));
                await xml.WriteEndElementAsync();
            }

            await xml.WriteEndElementAsync();
        }

        await xml.WriteEndDocumentAsync();
    }

    private static async Task WriteGeoJsonAsync(IAsyncEnumerator<StoredPoint> each, bool hasPoint, HttpResponse response)
    {
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        for (; hasPoint; hasPoint = await each.MoveNextAsync())
        {
            WriteFeature(json, each.Current);
            if (json.BytesPending > FlushAfterBytes)
            {
                await json.FlushAsync(response.HttpContext.RequestAborted);
                await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFeature(Utf8JsonWriter json, in StoredPoint point)
    {
        json.WriteStartObject();
        json.WriteString("type", "Feature");
        json.WriteStartObject("geometry");
        json.WriteString("type", "Point");
        json.WriteStartArray("coordinates");
        json.WriteNumberValue(point.Location.Longitude);
        json.WriteNumberValue(point.Location.Latitude);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("properties");
        json.WriteString("time", Time(point.Location.Time));
        if (point.AccuracyMetres is { } accuracy)
        {
            json.WriteNumber("accuracy", accuracy);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Degrees(double degrees) => degrees.ToString("0.#######", CultureInfo.InvariantCulture);

    private static string Time(long time) => HistoryTime.FromUnix(time).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
