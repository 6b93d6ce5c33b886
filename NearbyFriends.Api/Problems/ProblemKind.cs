namespace NearbyFriends.Api.Problems;

/// <summary>A way in which a request fails, as RFC 9457 problem details.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Stable; ends the problem's <c>type</c> and is its member <c>code</c>.</param>
/// <param name="Title">One sentence for people.</param>
public sealed record ProblemKind(int Status, string Code, string Title)
{
    /// <summary>The stable URI by which clients tell problems apart.</summary>
    public string Type => $"https://nearbyfriends.dev/problems/{Code}";

    // What the request asked wrongly.
    public static readonly ProblemKind InvalidRequest = new(400, "invalid-request", "The request is malformed.");
    public static readonly ProblemKind Unauthenticated = new(401, "unauthenticated", "A valid access token of an existing user is needed.");
    public static readonly ProblemKind Locked = new(403, "locked", "The account is locked.");
    public static readonly ProblemKind Forbidden = new(403, "forbidden", "The token does not allow this.");
    public static readonly ProblemKind NotFound = new(404, "not-found", "There is no such thing, or none that you may see.");
    public static readonly ProblemKind MethodNotAllowed = new(405, "method-not-allowed", "This address does not take the method.");
    public static readonly ProblemKind TooLarge = new(413, "too-large", "The request is too large.");
    public static readonly ProblemKind UnsupportedMediaType = new(415, "unsupported-media-type", "The body must be application/json.");
    public static readonly ProblemKind RateLimited = new(429, "rate-limited", "Too many requests; Retry-After says when to come back.");

    // What stands against it.
    public static readonly ProblemKind NameTaken = new(409, "name-taken", "Another user has this user name.");
    public static readonly ProblemKind RegisteredAlready = new(409, "registered-already", "The token's subject is a user already.");
    public static readonly ProblemKind FriendsAlready = new(409, "friends-already", "You are friends already.");
    public static readonly ProblemKind FriendLimit = new(409, "friend-limit", "One of the two has as many friends as a user may have.");
    public static readonly ProblemKind DeviceLimit = new(409, "device-limit", "You have as many devices as a user may have.");
    public static readonly ProblemKind RequestDeclined = new(409, "request-declined", "The user declined less than 30 days ago.");
    public static readonly ProblemKind UserBlocked = new(409, "user-blocked", "You block this user; unblock first.");
    public static readonly ProblemKind NoLocation = new(409, "no-location", "You have published no location within the last minutes.");
    public static readonly ProblemKind CursorExpired = new(410, "cursor-expired", "The cursor's list is gone; begin again without a cursor.");
    public static readonly ProblemKind Oneself = new(422, "oneself", "One cannot do this to oneself.");

    // What we failed at.
    public static readonly ProblemKind ServerError = new(500, "server-error", "The server failed.");
    public static readonly ProblemKind Unavailable = new(503, "unavailable", "A database or cache is unavailable; try again.");

    /// <summary>The problem of an answer that the framework gave with a bare status.</summary>
    public static ProblemKind OfStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Unauthenticated,
        StatusCodes.Status403Forbidden => Forbidden,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status429TooManyRequests => RateLimited,
        < 500 => InvalidRequest with { Status = status },
        _ => ServerError with { Status = status },
    };
}
