namespace NearbyFriends.LoadGenerator;

/// <summary>How a load's connections speak to what they load: a gateway, or a server that a benchmark compares it with.</summary>
/// <param name="Path">Path and query; <c>{user}</c> is the user's number.</param>
/// <param name="Protocol">WebSocket subprotocol; none when null.</param>
/// <param name="Hello">Sent first; nothing when null.</param>
/// <param name="Opened">Text in the message that says that the connection works.</param>
/// <param name="Update">One location; <c>{id}</c>, <c>{lat}</c>, <c>{lon}</c>, <c>{time}</c>.</param>
/// <param name="Moved">Text near the beginning of messages whose <c>"time":</c> fields are friends' updates; empty: all messages.</param>
/// <remarks>A character is a byte, so that binary protocols can be written too.</remarks>
public sealed record LoadTarget(string Path, string? Protocol, string? Hello, string Opened, string Update, string Moved)
{
    /// <summary>A gateway, in JSON: the first location is answered by the list.</summary>
    public static LoadTarget Gateway { get; } = new(
        "/v1/ws",
        "nearbyfriends.v1.json",
        Hello: null,
        Opened: "{\"type\":\"nearby\"",
        Update: "{\"type\":\"location\",\"lat\":{lat},\"lon\":{lon},\"time\":{time}}",
        Moved: "\"moved\"");

    /// <summary>Sent after <see cref="Hello"/> for each friend, connected or not; <c>{friend}</c> is an id, <c>{n}</c> counts from 1.</summary>
    public string? Watch { get; init; }

    /// <summary>Sent after all of <see cref="Watch"/>.</summary>
    public string? Watched { get; init; }

    /// <summary>Whether the first location waits for <see cref="Opened"/>; otherwise it is sent at once.</summary>
    public bool UpdatesWhenOpened { get; init; }

    /// <summary>What the server sends to learn whether the client lives, and what the client answers.</summary>
    public string? Ping { get; init; }

    /// <inheritdoc cref="Ping"/>
    public string? Pong { get; init; }

    /// <summary>Whether messages to the server are binary.</summary>
    public bool IsBinary { get; init; }
}
