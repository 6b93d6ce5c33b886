using System.Text;
using System.Text.Json;
using System.Xml;
using NearbyFriends.HistoryWorker.Import;

namespace NearbyFriends.UnitTests.History;

public sealed class TrackFileTests
{
    private const long Noon = 1_712_404_800_000; // 2024-04-06T12:00:00Z

    [Fact]
    public void A_GPX_file_gives_the_points_of_all_tracks_and_segments_with_an_accuracy_where_it_has_one()
    {
        var points = GpxTrack.Read(Utf8("""
            <?xml version="1.0"?>
            <gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="urn:x">
              <metadata><time>2020-01-01T00:00:00Z</time></metadata>
              <wpt lat="1" lon="1"><time>2020-01-01T00:00:00Z</time></wpt>
              <trk><name>one</name>
                <trkseg>
                  <trkpt lat="48.1" lon="11.5"><ele>519.3</ele><time>2024-04-06T12:00:00Z</time><hdop>1.5</hdop></trkpt>
                  <trkpt lat="48.2" lon="11.6"><time>2024-04-06T14:00:00.250+02:00</time><hdop>9</hdop>
                    <extensions><x:time>2021-01-01T00:00:00Z</x:time><x:accuracy>12.5</x:accuracy></extensions></trkpt>
                </trkseg>
                <trkseg><trkpt lat="48.3" lon="-11.7"><time>2024-04-06T12:00:01</time></trkpt></trkseg>
              </trk>
              <trk><trkseg><trkpt lat="north" lon="11.8"/></trkseg></trk>
            </gpx>
            """));

        Assert.Equal(
            [
                new(48.1, 11.5, Noon, 7.5f), new(48.2, 11.6, Noon + 250, 12.5f), new(48.3, -11.7, Noon + 1_000, float.NaN),
                new(double.NaN, 11.8, null, float.NaN),
            ],
            points);
    }

    [Fact]
    public void XML_that_is_no_GPX_or_could_grow_without_bounds_is_refused()
    {
        Assert.Throws<FormatException>(() => GpxTrack.Read(Utf8("<kml/>")).Count());
        Assert.Throws<XmlException>(() => GpxTrack.Read(Utf8("""<!DOCTYPE gpx [<!ENTITY a "aaaa">]><gpx><trkpt lat="1" lon="1"><time>&a;</time></trkpt></gpx>""")).Count());
        Assert.Throws<XmlException>(() => GpxTrack.Read(Utf8("""<gpx><trk><trkseg><trkpt lat="1" lon="1">""")).Count());
    }

    [Fact]
    public void The_Timeline_of_an_Android_device_gives_its_paths_and_positions()
    {
        var points = GoogleTimeline.Read(Utf8("""
            {
              "userLocationProfile": {"frequentPlaces": [{"placeLocation": "1.0°, 2.0°"}]},
              "semanticSegments": [
                {"startTime": "2024-04-06T14:00:00.000+02:00", "endTime": "2024-04-06T15:00:00.000+02:00", "timelinePath": [
                  {"point": "48.1°, 11.5°", "time": "2024-04-06T14:00:00.000+02:00"}, {"point": "-48.2°, -11.6°", "time": "2024-04-06T14:01:00.000+02:00"}]},
                {"startTime": "2024-04-06T15:00:00.000+02:00", "visit": {"topCandidate": {"placeLocation": {"latLng": "48.3°, 11.7°"}}}}
              ],
              "rawSignals": [
                {"position": {"LatLng": "48.4°, 11.8°", "accuracyMeters": 13, "altitudeMeters": 519.3, "timestamp": "2024-04-06T12:00:00.123Z"}},
                {"activityRecord": {"timestamp": "2024-04-06T12:00:00Z"}},
                {"position": {"LatLng": null, "timestamp": 5}}
              ]
            }
            """));

        Assert.Equal(
            [
                new(48.1, 11.5, Noon), new(-48.2, -11.6, Noon + 60_000), new(48.4, 11.8, Noon + 123, 13),
                new(double.NaN, double.NaN, null),
            ],
            points);
    }

    [Fact]
    public void The_Timeline_of_an_iPhone_counts_minutes_from_the_begin_of_a_segment()
    {
        var points = GoogleTimeline.Read(Utf8("""
            [{"startTime": "2024-04-06T14:00:00.000+02:00", "endTime": "2024-04-06T16:00:00.000+02:00", "timelinePath": [
               {"point": "geo:48.100000,11.500000", "durationMinutesOffsetFromStartTime": "0"},
               {"point": "geo:-48.2,11.6", "durationMinutesOffsetFromStartTime": "61"}, {"point": "geo:48.3,11.7"}]},
             {"startTime": "2024-04-06T16:00:00.000+02:00", "activity": {"start": "geo:48.4,11.8", "end": "geo:48.5,11.9"}}, 5]
            """));

        Assert.Equal([new(48.1, 11.5, Noon), new(-48.2, 11.6, Noon + 3_660_000), new(48.3, 11.7, null)], points);
    }

    [Fact]
    public void Takeouts_records_are_read_with_either_form_of_their_time()
    {
        var points = GoogleTimeline.Read(Utf8("""
            {"locations": [
              {"latitudeE7": 481000000, "longitudeE7": -115000000, "accuracy": 20, "timestamp": "2024-04-06T12:00:00.500Z", "activity": [{"type": "STILL"}]},
              {"timestampMs": "1712404800000", "latitudeE7": 482000000, "longitudeE7": 116000000},
              {"timestamp": "2024-04-06T12:00:00Z"}]}
            """));

        Assert.Equal([new(48.1, -11.5, Noon + 500, 20), new(48.2, 11.6, Noon), new(double.NaN, double.NaN, Noon)], points);
    }

    [Fact]
    public void Takeouts_files_of_months_give_the_points_that_have_a_time()
    {
        var points = GoogleTimeline.Read(Utf8("""
            {"timelineObjects": [
              {"activitySegment": {
                "startLocation": {"latitudeE7": 470000000, "longitudeE7": 110000000},
                "duration": {"startTimestamp": "2024-04-06T11:50:00Z", "endTimestamp": "2024-04-06T12:10:00Z"},
                "waypointPath": {"waypoints": [{"latE7": 480500000, "lngE7": 115500000}], "source": "INFERRED"},
                "simplifiedRawPath": {"points": [
                  {"latE7": 481000000, "lngE7": -115000000, "accuracyMeters": 10, "timestamp": "2024-04-06T12:00:00Z"},
                  {"latE7": 482000000, "lngE7": 116000000, "timestampMs": "1712404801000"}], "source": "INFERRED"}}},
              {"placeVisit": {"location": {"latitudeE7": 483000000, "longitudeE7": 117000000}, "childVisits": []}},
              {"placeVisit": {"simplifiedRawPath": {"points": [{"latE7": 484000000, "lngE7": 118000000, "accuracyMeters": 5}]}}}]}
            """));

        Assert.Equal([new(48.1, -11.5, Noon, 10), new(48.2, 11.6, Noon + 1_000), new(48.4, 11.8, null, 5)], points);
    }

    [Theory]
    [InlineData("""{"type": "FeatureCollection", "features": [{"type": "Feature"}]}""", typeof(FormatException))]
    [InlineData("{}", typeof(FormatException))]
    [InlineData("""{"locations": [{"latitudeE7": 1}""", typeof(JsonException))]
    [InlineData("""{"locations": [}""", typeof(JsonException))]
    [InlineData("5", typeof(JsonException))]
    [InlineData("", typeof(JsonException))]
    public void JSON_that_is_no_Timeline_is_refused(string text, Type failure) =>
        Assert.IsAssignableFrom(failure, Record.Exception(() => GoogleTimeline.Read(Utf8(text)).Count()));

    [Fact]
    public void A_file_that_is_longer_than_the_buffer_is_read_piece_by_piece()
    {
        var text = new StringBuilder("\uFEFF{\"profile\": {\"name\": \"").Append('x', 200_000).Append("\"}, \"locations\": [");
        text.AppendJoin(',', Enumerable.Range(0, 5_000).Select(i => $$"""{"latitudeE7": {{i}}, "longitudeE7": 1, "timestampMs": "{{i}}", "note": "{{new string('y', i % 300)}}"}"""));
        text.Append("], \"other\": 1}");

        var points = GoogleTimeline.Read(Utf8(text.ToString()));

        Assert.Equal(Enumerable.Range(0, 5_000).Select(i => (long?)i), points.Select(point => point.Time));
    }

    [Fact]
    public void What_cannot_be_a_location_is_skipped_and_counted()
    {
        var check = new TrackCheck(userId: 7, now: Noon);

        var points = check.Check([
            new(48.1, 11.5, Noon, 12), new(48.1, 11.5, Noon + 60_000, float.PositiveInfinity), new(90, -180, 0),
            new(48.1, 11.5, null), new(double.NaN, 11.5, Noon), new(0, 0, Noon), new(48.1, 11.5, Noon, -1),
            new(90.1, 11.5, Noon), new(48.1, 180.1, Noon), new(48.1, 11.5, -1), new(48.1, 11.5, Noon + 60_001),
        ]).ToList();

        Assert.Equal([(Noon, 12), (Noon + 60_000, float.NaN), (0, float.NaN)], points.Select(point => (point.Location.Time, point.AccuracyMetres)));
        Assert.All(points, point => Assert.Equal((7, Noon), (point.UserId, point.ReceivedAt)));
        Assert.Equal(
            [(SkipReason.NoTime, 1), (SkipReason.NoPosition, 3), (SkipReason.OffEarth, 2), (SkipReason.Future, 1), (SkipReason.Before1970, 1)],
            check.Skipped.Select(skipped => (skipped.Key, skipped.Value)));
    }

    private static MemoryStream Utf8(string text) => new(Encoding.UTF8.GetBytes(text));
}
