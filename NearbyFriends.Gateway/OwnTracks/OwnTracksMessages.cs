using System.Text.Json.Serialization;

namespace NearbyFriends.Gateway.OwnTracks;

/// <summary>A friend's location in the words of the OwnTracks apps.</summary>
/// <param name="TrackerId">Tells friends apart; the friend's <see cref="OwnTracksCard"/> has it too.</param>
/// <param name="Latitude">Degrees WGS 84.</param>
/// <param name="Longitude">Degrees WGS 84.</param>
/// <param name="Time">Unix seconds UTC.</param>
/// <param name="Accuracy">Radius of uncertainty in metres; null where it is unknown.</param>
public sealed record OwnTracksLocation(
    [property: JsonPropertyName("tid")] string TrackerId,
    [property: JsonPropertyName("lat")] double Latitude,
    [property: JsonPropertyName("lon")] double Longitude,
    [property: JsonPropertyName("tst")] long Time,
    [property: JsonPropertyName("acc")][property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Accuracy)
{
    [JsonPropertyName("_type")]
    [JsonPropertyOrder(-1)]
    public string Type => "location";
}

/// <summary>A friend's name in the words of the OwnTracks apps.</summary>
/// <param name="TrackerId">Of the friend's locations.</param>
/// <param name="Name">The display name.</param>
public sealed record OwnTracksCard(
    [property: JsonPropertyName("tid")] string TrackerId,
    [property: JsonPropertyName("name")] string Name)
{
    [JsonPropertyName("_type")]
    [JsonPropertyOrder(-1)]
    public string Type => "card";
}
