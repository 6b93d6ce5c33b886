using System.Text.Json;
using NearbyFriends.Client.Locations;

namespace NearbyFriends.Client.Wire;

internal readonly record struct LocationMessage(double Lat, double Lon, long Time, double? Accuracy)
{
    public string Type { get; init; } = "location";

    public static LocationMessage Of(in Location location) =>
        new(location.Latitude, location.Longitude, location.Time, location.Accuracy);
}

internal readonly record struct LocationItem(double Lat, double Lon, long Time, double? Accuracy)
{
    public static LocationItem Of(Location location) => new(location.Latitude, location.Longitude, location.Time, location.Accuracy);

    /// <summary>How long a location is in a message, with the comma behind it.</summary>
    public static int BytesOf(Location location) => JsonSerializer.SerializeToUtf8Bytes(Of(location), WireJson.Default.LocationItem).Length + 1;
}

internal sealed record LocationsMessage(LocationItem[] Items)
{
    public string Type { get; init; } = "locations";

    public static LocationsMessage Of(Location[] points) => new(Array.ConvertAll(points, LocationItem.Of));
}

internal sealed record PageMessage(string Cursor, string Ref)
{
    public string Type { get; init; } = "page";
}

internal sealed record RadiusMessage(int Metres)
{
    public string Type { get; init; } = "radius";
}

internal sealed record ShowStrangersMessage(int Radius)
{
    public string Type { get; init; } = "strangers";

    public string Ref { get; init; } = "strangers";
}

internal sealed record PaceMessage(int FlushMs)
{
    public string Type { get; init; } = "pace";
}

internal sealed record TokenMessage(string AccessToken)
{
    public string Type { get; init; } = "token";
}

/// <summary>A message without members: <c>follow</c>, <c>background</c>, <c>foreground</c>.</summary>
internal sealed record PlainMessage(string Type, string? Ref = null);
