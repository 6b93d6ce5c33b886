using System.Text;
using NearbyFriends.Gateway.OwnTracks;
using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.UnitTests.OwnTracks;

public sealed class OwnTracksReaderTests
{
    /// <summary>Messages as the apps send them.</summary>
    [Theory]
    [InlineData("""{"_type":"location","lat":48.85833,"lon":2.29513,"tst":1764000000,"tid":"JJ"}""", 1_764_000_000_000, float.NaN)]
    [InlineData( // iOS
        """
        {"_type":"location","lat":48.85833,"lon":2.29513,"tst":1764000000,"acc":12,"alt":49,"batt":74,"bs":1,"conn":"w","cog":-1,"vel":0,"vac":3,
        "t":"u","tid":"JJ","topic":"owntracks/jane/phone","inregions":[],"inrids":[],"SSID":"home","BSSID":"0:0:0:0:0:0","p":100.2,
        "created_at":1764000003,"_http":true,"m":2}
        """,
        1_764_000_000_000, 12)]
    [InlineData( // Android
        """
        {"_type":"location","BSSID":"02:00:00:00:00:00","SSID":"<unknown ssid>","acc":4,"alt":0,"batt":-1,"bs":0,"cog":0,"conn":"m","created_at":1764000001,
        "lat":48.85833,"lon":2.29513,"m":1,"t":"p","tid":"JJ","topic":"owntracks/jane/phone","tst":1764000000,"vac":0,"vel":0,"_id":"8d5e2a0f"}
        """,
        1_764_000_000_000, 4)]
    [InlineData("""{"tst":1764000000.75,"lat":48.85833,"lon":2.29513,"acc":0,"batt":"full","_type":"location"}""", 1_764_000_000_750, float.NaN)]
    [InlineData("""{"_type":"location","lat":"48.85833","lon":"2.29513","tst":"1764000000","acc":"7.5"}""", 1_764_000_000_000, 7.5f)]
    [InlineData("""{"_type":"location","lat":48.85833,"lon":2.29513,"tst":1764000000123,"acc":-1,"batt":null}""", 1_764_000_000_123, -1)]
    [InlineData("""{"_type":"location","lat":48.85833,"lon":2.29513,"created_at":1764000000}""", 1_764_000_000_000, float.NaN)]
    public void A_location_is_read_in_each_of_its_forms(string message, long time, float accuracy)
    {
        Assert.Equal(new ClientPoint(48.85833, 2.29513, time, accuracy), Assert.Single(Read(message)!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"_type":"transition","lat":48.85833,"lon":2.29513,"tst":1764000000,"acc":20,"event":"enter","desc":"Home","tid":"JJ","wtst":1763000000}""")]
    [InlineData("""{"_type":"lwt","tst":1764000000}""")]
    [InlineData("""{"_type":"waypoint","desc":"Home","lat":48.85833,"lon":2.29513,"rad":100,"tst":1763000000}""")]
    [InlineData("""{"_type":"waypoints","waypoints":[{"_type":"waypoint","desc":"Home","lat":48.85833,"lon":2.29513,"rad":100,"tst":1763000000}]}""")]
    [InlineData("""{"_type":"card","name":"Jane","face":"iVBORw0KGgo=","tid":"JJ"}""")]
    [InlineData("""{"_type":"encrypted","data":"aGVsbG8="}""")]
    [InlineData("""{"_type":"status","iOS":{"version":"18.1"}}""")]
    [InlineData("""{"_type":"steps","tst":1764000000,"steps":1234,"from":1763000000,"to":1764000000}""")]
    [InlineData("""{"_type":"dump","configuration":{"_type":"configuration"}}""")]
    [InlineData("""{"_type":["location"]}""")]
    [InlineData("""[1,"location",null]""")]
    public void Other_messages_have_no_location(string message) => Assert.Empty(Read(message)!);

    [Theory]
    [InlineData("{")]
    [InlineData("location")]
    [InlineData("17")]
    [InlineData("null")]
    public void What_is_no_message_is_none(string body) => Assert.Null(Read(body));

    [Fact]
    public void A_location_without_a_time_or_a_place_is_left_to_the_check()
    {
        var points = Read("""[{"_type":"location","lat":1,"lon":2},{"_type":"location","tst":-5,"lat":null},{"_type":"location","tst":1e300}]""")!;

        Assert.Equal([null, null, null], points.Select(point => point.Time));
        Assert.True(double.IsNaN(points[1].Latitude));
    }

    private static IReadOnlyList<ClientPoint>? Read(string body) => OwnTracksReader.ReadPoints(Encoding.UTF8.GetBytes(body));
}
