using System.Text.Json.Serialization;

namespace NearbyFriends.Client.Rest;

/// <summary>A user. What concerns only the user itself is absent when it is somebody else.</summary>
public sealed record User
{
    public long Id { get; init; }

    /// <summary>Unique.</summary>
    public string UserName { get; init; } = "";

    public string DisplayName { get; init; } = "";

    /// <summary>Whether the user shares its location; who does not share sees nobody.</summary>
    public bool? Sharing { get; init; }

    /// <summary>When sharing ends by itself, Unix milliseconds UTC; null for no end.</summary>
    public long? SharingUntil { get; init; }

    /// <summary>Whether others find the user by name.</summary>
    public bool? Discoverable { get; init; }

    /// <summary>Whether strangers nearby see about where the user is, and the user them.</summary>
    public bool? Strangers { get; init; }
}

/// <summary>What to change of oneself; null leaves it.</summary>
/// <param name="DisplayName">As friends see it.</param>
/// <param name="Sharing">Whether to share; who begins to share does so without an end, unless one is given.</param>
/// <param name="Discoverable">Whether others find one by name.</param>
/// <param name="SharingUntil">When sharing ends by itself, Unix milliseconds UTC, ahead. To take an end away, stop and begin again.</param>
/// <param name="Strangers">Whether strangers nearby see about where the user is, and the user them.</param>
public sealed record UserChange(
    string? DisplayName = null, bool? Sharing = null, bool? Discoverable = null, long? SharingUntil = null, bool? Strangers = null);

/// <summary>A bearer token.</summary>
/// <param name="Token">Sent in <c>Authorization</c>.</param>
/// <param name="ExpiresIn">Seconds from now.</param>
public sealed record AccessToken([property: JsonPropertyName("accessToken")] string Token, int ExpiresIn);

/// <summary>Opens one socket or stream from a browser.</summary>
/// <param name="Id">Given as <c>?ticket=</c>; single use.</param>
/// <param name="ExpiresIn">Seconds from now.</param>
public sealed record Ticket([property: JsonPropertyName("ticket")] string Id, int ExpiresIn);

/// <summary>One asks another to be friends.</summary>
public sealed record FriendRequest
{
    /// <summary>Opaque.</summary>
    public string Id { get; init; } = "";

    /// <summary>Who asked.</summary>
    public long From { get; init; }

    /// <summary>Who may answer.</summary>
    public long To { get; init; }

    /// <summary><c>pending</c>, or <c>accepted</c> at once when the other had asked already.</summary>
    public string State { get; init; } = "";

    /// <summary>Of the one who is not the caller; only in the list of requests.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Unix milliseconds UTC; only in the list of requests.</summary>
    public long? RequestedAt { get; init; }
}

/// <summary>Somebody in a list of one's own: a friend, or somebody blocked.</summary>
public sealed record Friend
{
    public long Id { get; init; }

    public string DisplayName { get; init; } = "";

    /// <summary>Unix milliseconds UTC.</summary>
    public long Since { get; init; }

    /// <summary>What this friend sees of one's location: <c>exact</c>, <c>approximate</c> or <c>nothing</c>; null of somebody blocked.</summary>
    public string? Shows { get; init; }

    /// <summary>When that ends by itself, Unix milliseconds UTC; null for no end.</summary>
    public long? ShowsUntil { get; init; }
}

/// <summary>One stored point of one's own history.</summary>
/// <param name="Lat">Degrees WGS 84.</param>
/// <param name="Lon">Degrees WGS 84.</param>
/// <param name="Time">Unix milliseconds UTC.</param>
/// <param name="Accuracy">Metres; null when the device reported none.</param>
public sealed record HistoryPoint(double Lat, double Lon, long Time, double? Accuracy);

/// <summary>A friend nearby, as a single answer rather than a live list.</summary>
public sealed record NearbyNow
{
    public long Id { get; init; }

    public string? Name { get; init; }

    /// <summary>Degrees WGS 84.</summary>
    public double Lat { get; init; }

    /// <summary>Degrees WGS 84.</summary>
    public double Lon { get; init; }

    /// <summary>Unix milliseconds UTC.</summary>
    public long Time { get; init; }

    /// <summary>Metres.</summary>
    public double Distance { get; init; }

    /// <summary>Radius of uncertainty in metres; null where the friend's device told none.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Whether the friend shows a position that is snapped to a grid of 1 km.</summary>
    public bool Approximate { get; init; }
}

/// <summary>A page of something.</summary>
/// <param name="Items">In the order of the call.</param>
/// <param name="Cursor">Asks for the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Cursor);

/// <summary>A page of <see cref="NearbyApi.NearbyAsync"/>.</summary>
public sealed record NearbyPage(IReadOnlyList<NearbyNow> Friends, int Total, string? Cursor);

/// <summary>When one is told that a friend comes near.</summary>
/// <param name="UserId">The friend's id, or <c>anyone</c>.</param>
/// <param name="Within">Metres.</param>
/// <param name="Cooldown">Seconds in which no second alert about the same friend follows.</param>
public sealed record AlertRule(string UserId, int Within, int Cooldown);

/// <summary>A browser that takes one's notices by Web Push.</summary>
/// <param name="Id">Opaque; the same for the same endpoint.</param>
/// <param name="CreatedAt">Unix milliseconds UTC.</param>
public sealed record PushSubscription(string Id, long CreatedAt);

/// <summary>A device that sends locations with a password of its own, such as a phone with the OwnTracks app.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="Name">As one calls it.</param>
/// <param name="CreatedAt">Unix milliseconds UTC.</param>
/// <param name="UserName">What the device sends as its user name; only of one that was just added.</param>
/// <param name="Password">What the device sends as its password; only of one that was just added.</param>
public sealed record Device(string Id, string Name, long CreatedAt, string? UserName = null, string? Password = null);
