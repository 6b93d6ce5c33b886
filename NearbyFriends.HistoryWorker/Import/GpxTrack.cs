using System.Xml;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>
/// The track points of a GPX file, 1.1 or 1.0, of all tracks and segments; waypoints and routes are places, not a record of having
/// been there. Memory does not grow with the file.
/// </summary>
/// <remarks>
/// The accuracy is that of an extension named <c>accuracy</c>, as in this system's own files, or else estimated from <c>hdop</c>.
/// </remarks>
public static class GpxTrack
{
    // Dilution of precision has no unit: it multiplies the error of one range measurement, for which 5 m is a usual estimate.
    private const float MetresPerHdop = 5;

    /// <summary>Reads the points; the caller disposes the stream.</summary>
    /// <exception cref="FormatException">It is another kind of XML.</exception>
    /// <exception cref="XmlException">It is malformed, or has a document type, which could make it grow without bounds.</exception>
    public static IEnumerable<TrackPoint> Read(Stream content)
    {
        using var xml = XmlReader.Create(content, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        xml.MoveToContent();
        if (xml.LocalName != "gpx")
        {
            throw new FormatException($"the root of a GPX file is gpx, not {xml.LocalName}.");
        }

        while (xml.Read())
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "trkpt" })
            {
                yield return ReadPoint(xml);
            }
        }
    }

    private static TrackPoint ReadPoint(XmlReader xml)
    {
        var point = new TrackPoint(TrackPoint.Number(xml.GetAttribute("lat")), TrackPoint.Number(xml.GetAttribute("lon")), Time: null);
        var (hdop, accuracy) = (float.NaN, float.NaN);
        if (!xml.IsEmptyElement)
        {
            var end = xml.Depth;
            var element = "";
            while (xml.Read() && xml.Depth > end)
            {
                if (xml.NodeType == XmlNodeType.Element)
                {
                    element = xml.LocalName;
                }
                else if (xml.NodeType == XmlNodeType.Text)
                {
                    var isOwn = xml.Depth == end + 2; // not of an extension
                    switch (element)
                    {
                        case "time" when isOwn:
                            point = point with { Time = TrackPoint.Instant(xml.Value) };
                            break;
                        case "hdop" when isOwn:
                            hdop = (float)TrackPoint.Number(xml.Value);
                            break;
                        case "accuracy":
                            accuracy = (float)TrackPoint.Number(xml.Value);
                            break;
                    }
                }
            }
        }

        return point with { AccuracyMetres = float.IsNaN(accuracy) ? hdop * MetresPerHdop : accuracy };
    }
}
