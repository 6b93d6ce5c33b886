using System.Text.Json.Serialization;

namespace NearbyFriends.Client.Wire;

/// <summary>JSON of the socket's messages, generated at build time: no reflection, ready for trimming and AOT.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Welcome))]
[JsonSerializable(typeof(NearbyMessage))]
[JsonSerializable(typeof(FriendsMessage))]
[JsonSerializable(typeof(StrangersMessage))]
[JsonSerializable(typeof(FriendAddedMessage))]
[JsonSerializable(typeof(FriendRemovedMessage))]
[JsonSerializable(typeof(FriendRequestMessage))]
[JsonSerializable(typeof(AlertMessage))]
[JsonSerializable(typeof(SharingMessage))]
[JsonSerializable(typeof(VisibilityMessage))]
[JsonSerializable(typeof(ReconnectMessage))]
[JsonSerializable(typeof(ErrorMessage))]
[JsonSerializable(typeof(LocationMessage))]
[JsonSerializable(typeof(LocationsMessage))]
[JsonSerializable(typeof(LocationItem))]
[JsonSerializable(typeof(PageMessage))]
[JsonSerializable(typeof(RadiusMessage))]
[JsonSerializable(typeof(ShowStrangersMessage))]
[JsonSerializable(typeof(PaceMessage))]
[JsonSerializable(typeof(TokenMessage))]
[JsonSerializable(typeof(PlainMessage))]
internal sealed partial class WireJson : JsonSerializerContext;
