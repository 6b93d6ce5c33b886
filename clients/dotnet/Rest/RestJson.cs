using System.Text.Json.Serialization;

namespace NearbyFriends.Client.Rest;

internal sealed record NewUser(string UserName, string DisplayName);

internal sealed record TokenRequest(string UserName);

internal sealed record NewFriendRequest(string UserId);

internal sealed record NewVisibility(string Shows, long? Until);

internal sealed record NewAlert(int Within, int? Cooldown);

internal sealed record AlertRules(IReadOnlyList<AlertRule> Items);

internal sealed record PushKey(string PublicKey);

internal sealed record NewPushSubscription(string Endpoint, NewPushKeys Keys);

internal sealed record NewPushKeys(string P256dh, string Auth);

internal sealed record PushSubscriptions(IReadOnlyList<PushSubscription> Items);

internal sealed record NewDevice(string Name);

internal sealed record Devices(IReadOnlyList<Device> Items);

/// <summary>RFC 9457 problem details, as far as the client reads them.</summary>
internal sealed record Problem(string? Type, string? Title, string? Detail, string? Code);

/// <summary>JSON of the REST calls, generated at build time. Ids travel as strings; numbers are read from either.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(UserChange))]
[JsonSerializable(typeof(AccessToken))]
[JsonSerializable(typeof(Ticket))]
[JsonSerializable(typeof(FriendRequest))]
[JsonSerializable(typeof(Page<FriendRequest>))]
[JsonSerializable(typeof(Page<Friend>))]
[JsonSerializable(typeof(Page<HistoryPoint>))]
[JsonSerializable(typeof(NearbyPage))]
[JsonSerializable(typeof(NewUser))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(NewFriendRequest))]
[JsonSerializable(typeof(NewVisibility))]
[JsonSerializable(typeof(NewAlert))]
[JsonSerializable(typeof(AlertRule))]
[JsonSerializable(typeof(AlertRules))]
[JsonSerializable(typeof(PushKey))]
[JsonSerializable(typeof(NewPushSubscription))]
[JsonSerializable(typeof(PushSubscription))]
[JsonSerializable(typeof(PushSubscriptions))]
[JsonSerializable(typeof(NewDevice))]
[JsonSerializable(typeof(Device))]
[JsonSerializable(typeof(Devices))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class RestJson : JsonSerializerContext;
