using System.Text.Json;
using System.Text.Json.Serialization;
using NearbyFriends.Core;

namespace NearbyFriends.LocationCache.Notices;

/// <summary>What a notice tells.</summary>
public enum NoticeKind
{
    /// <summary>A friend came near.</summary>
    Alert,

    /// <summary>Somebody asks the user to be friends.</summary>
    FriendRequest,
}

/// <summary>What a user is told outside of its sessions.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Id">The same for each copy of it.</param>
/// <param name="UserId">Who is told.</param>
/// <param name="OtherId">The friend who came near, or the user who asks.</param>
/// <param name="Time">Unix milliseconds UTC at which it happened.</param>
/// <param name="DistanceMetres">Of an alert.</param>
public sealed record Notice(NoticeKind Kind, string Id, long UserId, long OtherId, long Time, double DistanceMetres = 0)
{
    public static Notice Of(in Alert alert) =>
        new(NoticeKind.Alert, alert.Id, alert.UserId, alert.FriendId, alert.Time, alert.DistanceMetres);
}

/// <summary>A notice on its way to one receiver; to all of the user's, before they are looked up.</summary>
/// <param name="Notice">What is told.</param>
/// <param name="To">The id of a push subscription, or <see cref="Webhook"/>; null before the receivers are looked up.</param>
/// <param name="Attempt">Attempts that failed so far.</param>
public sealed record NoticeDelivery(Notice Notice, string? To = null, int Attempt = 0)
{
    /// <summary>Stands for the webhook in <see cref="To"/>.</summary>
    public const string Webhook = "webhook";

    /// <summary>How it stands in the queue, which a newer version may have written with more in it; null where it does not yet.</summary>
    [JsonIgnore]
    internal string? Entry { get; init; }

    internal string Write() => JsonSerializer.Serialize(this, NoticeJson.Default.NoticeDelivery);

    /// <summary>Null if it is no delivery.</summary>
    internal static NoticeDelivery? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, NoticeJson.Default.NoticeDelivery) is { Notice: not null } delivery ? delivery with { Entry = text } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(NoticeDelivery))]
internal sealed partial class NoticeJson : JsonSerializerContext;
