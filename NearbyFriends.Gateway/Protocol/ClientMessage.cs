namespace NearbyFriends.Gateway.Protocol;

/// <summary>What a client asks for.</summary>
public enum ClientMessageType
{
    Location,
    Locations,
    Follow,
    Page,
    Radius,
    Pace,
    Background,
    Foreground,
    Token,
    Strangers,
}

/// <summary>A point as the client sent it, unchecked.</summary>
/// <param name="Latitude">Degrees; NaN when missing or no number.</param>
/// <param name="Longitude">Degrees; NaN when missing or no number.</param>
/// <param name="Time">Unix milliseconds; without a fraction; null when missing or no number.</param>
/// <param name="Accuracy">Metres; NaN when missing.</param>
public readonly record struct ClientPoint(double Latitude, double Longitude, long? Time, float Accuracy);

/// <summary>One message of a client, as far as it could be read.</summary>
public sealed record ClientMessage(ClientMessageType Type)
{
    /// <summary>Echoed in the answer; up to 64 characters.</summary>
    public string? Ref { get; init; }

    /// <summary>One point of <c>location</c>, up to 50 of <c>locations</c>.</summary>
    public IReadOnlyList<ClientPoint> Points { get; init; } = [];

    public string? Cursor { get; init; }

    public double? Metres { get; init; }

    public double? FlushMs { get; init; }

    public string? AccessToken { get; init; }
}
