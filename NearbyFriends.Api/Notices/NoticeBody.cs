using System.Text.Json;
using System.Text.Json.Serialization;
using NearbyFriends.Core;
using NearbyFriends.LocationCache.Notices;

namespace NearbyFriends.Api.Notices;

/// <summary>Who is spoken of.</summary>
/// <param name="Id">A decimal string.</param>
/// <param name="Name">Display name.</param>
public sealed record NoticePerson(string Id, string Name);

/// <summary>A notice as receivers get it.</summary>
/// <param name="Type"><c>alert</c> or <c>friendRequest</c>.</param>
/// <param name="Id">The same for each copy; of a friend request, its id in REST.</param>
/// <param name="Friend">Of an alert: who came near.</param>
/// <param name="Distance">Of an alert: metres.</param>
/// <param name="From">Of a friend request: who asks.</param>
/// <param name="Time">Unix milliseconds UTC at which it happened.</param>
public sealed record NoticeBody(string Type, string Id, NoticePerson? Friend, double? Distance, NoticePerson? From, long Time)
{
    public static NoticeBody Of(Notice notice, string otherName)
    {
        var other = new NoticePerson(UserId.Format(notice.OtherId), otherName);
        return notice.Kind == NoticeKind.Alert
            ? new("alert", notice.Id, other, notice.DistanceMetres, null, notice.Time)
            : new("friendRequest", notice.Id, null, null, other, notice.Time);
    }

    /// <summary>As JSON, to the user's own browser.</summary>
    public string Write() => JsonSerializer.Serialize(this, NoticeBodyJson.Default.NoticeBody);

    /// <summary>As JSON, to a webhook, which has to be told whose it is.</summary>
    public string WriteFor(long userId) => JsonSerializer.Serialize(new WebhookBody(UserId.Format(userId), this), NoticeBodyJson.Default.WebhookBody);
}

/// <summary>What the webhook gets.</summary>
/// <param name="UserId">Who is told.</param>
/// <param name="Notice">What the user is told.</param>
public sealed record WebhookBody(string UserId, NoticeBody Notice);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NoticeBody))]
[JsonSerializable(typeof(WebhookBody))]
internal sealed partial class NoticeBodyJson : JsonSerializerContext;
