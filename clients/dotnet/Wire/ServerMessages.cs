using System.Text.Json;
using System.Text.Json.Serialization;

namespace NearbyFriends.Client.Wire;

/// <summary>The server's messages, by their <c>type</c>.</summary>
internal enum ServerMessageType
{
    /// <summary>One that this version does not know; ignored, as the contract asks.</summary>
    Unknown,
    Welcome,
    Nearby,
    Friends,
    Strangers,
    FriendAdded,
    FriendRemoved,
    FriendRequest,
    Alert,
    Sharing,
    Visibility,
    Token,
    Reconnect,
    Error,
}

internal static class ServerMessages
{
    /// <summary>The type of a message; its position among the members does not matter.</summary>
    /// <exception cref="JsonException">It is not a JSON object.</exception>
    public static ServerMessageType TypeOf(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A message is a JSON object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType)
            {
                return reader.TokenType == JsonTokenType.String ? Parse(ref reader) : ServerMessageType.Unknown;
            }

            reader.Skip();
        }

        return ServerMessageType.Unknown;
    }

    private static ServerMessageType Parse(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("friends"u8) ? ServerMessageType.Friends
        : reader.ValueTextEquals("nearby"u8) ? ServerMessageType.Nearby
        : reader.ValueTextEquals("strangers"u8) ? ServerMessageType.Strangers
        : reader.ValueTextEquals("welcome"u8) ? ServerMessageType.Welcome
        : reader.ValueTextEquals("friendAdded"u8) ? ServerMessageType.FriendAdded
        : reader.ValueTextEquals("friendRemoved"u8) ? ServerMessageType.FriendRemoved
        : reader.ValueTextEquals("friendRequest"u8) ? ServerMessageType.FriendRequest
        : reader.ValueTextEquals("alert"u8) ? ServerMessageType.Alert
        : reader.ValueTextEquals("sharing"u8) ? ServerMessageType.Sharing
        : reader.ValueTextEquals("visibility"u8) ? ServerMessageType.Visibility
        : reader.ValueTextEquals("token"u8) ? ServerMessageType.Token
        : reader.ValueTextEquals("reconnect"u8) ? ServerMessageType.Reconnect
        : reader.ValueTextEquals("error"u8) ? ServerMessageType.Error
        : ServerMessageType.Unknown;
}

internal readonly record struct FriendEntry
{
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long Id { get; init; }

    public string? Name { get; init; }

    public double Lat { get; init; }

    public double Lon { get; init; }

    public long Time { get; init; }

    public double Distance { get; init; }

    public double? Accuracy { get; init; }

    public bool Approximate { get; init; }
}

internal readonly record struct LeftEntry
{
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long Id { get; init; }

    public string? Reason { get; init; }
}

internal sealed record NearbyMessage
{
    public long List { get; init; }

    public int Page { get; init; } = 1;

    public FriendEntry[] Friends { get; init; } = [];

    public int Total { get; init; }

    public string? Cursor { get; init; }

    public string? Ref { get; init; }
}

internal sealed record FriendsMessage
{
    public long List { get; init; }

    public int Total { get; init; }

    public FriendEntry[]? Moved { get; init; }

    public LeftEntry[]? Left { get; init; }
}

internal sealed record StrangersMessage
{
    public long List { get; init; }

    public int Total { get; init; }

    public FriendEntry[] People { get; init; } = [];

    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long[] Left { get; init; } = [];
}

internal sealed record FriendAddedMessage
{
    public FriendEntry Friend { get; init; }
}

internal sealed record FriendRemovedMessage
{
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long Id { get; init; }
}

internal sealed record FriendRequestMessage
{
    public string Id { get; init; } = "";

    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long From { get; init; }

    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long To { get; init; }

    public string State { get; init; } = "";

    public string? Name { get; init; }
}

internal sealed record AlertMessage
{
    public FriendEntry Friend { get; init; }

    public double Distance { get; init; }
}

internal sealed record SharingMessage
{
    public bool Sharing { get; init; }

    public long? SharingUntil { get; init; }
}

internal sealed record VisibilityMessage
{
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long Id { get; init; }

    public string Shows { get; init; } = "";

    public long? Until { get; init; }
}

internal sealed record ReconnectMessage
{
    public long AfterMs { get; init; }
}

internal sealed record ErrorMessage
{
    public string Code { get; init; } = "";

    public string? Message { get; init; }

    public string? Ref { get; init; }

    /// <summary>The gateway's clock, of a <c>clock_skew</c>.</summary>
    public long? Now { get; init; }
}
