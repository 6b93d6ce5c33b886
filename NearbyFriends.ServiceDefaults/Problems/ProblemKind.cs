using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace NearbyFriends.ServiceDefaults.Problems;

/// <summary>A way in which an HTTP request fails, as RFC 9457 problem details. These are all that the Api and the gateway answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Stable; ends the problem's <c>type</c> and is its member <c>code</c>.</param>
/// <param name="Title">When it is answered: one sentence for people.</param>
/// <param name="Advice">What a client does about it: whether it retries, and after what.</param>
public sealed record ProblemKind(int Status, string Code, string Title, string Advice)
{
    private const string Backoff = "Retry with backoff and jitter, from one second to a minute.";
    private const string Fix = "Do not retry the same request.";

    /// <summary>The stable URI by which clients tell problems apart. Its path leads to a page about it on every Api.</summary>
    public string Type => $"https://nearbyfriends.dev/problems/{Code}";

    // What the request asked wrongly.
    public static readonly ProblemKind InvalidRequest = new(
        400, "invalid-request", "The request is malformed.", $"{Fix} The member `errors` names the fields, and says how each is wrong.");

    public static readonly ProblemKind InvalidMessage = new(
        400, "invalid-message", "The body is not the expected JSON.", $"{Fix} The member `detail` names the field.");

    public static readonly ProblemKind UnknownSubprotocol = new(
        400, "unknown-subprotocol", "The gateway does not speak this WebSocket subprotocol.",
        $"{Fix} Offer `nearbyfriends.v1.json` or `nearbyfriends.v1.protobuf`.");

    public static readonly ProblemKind Unauthenticated = new(
        401, "unauthenticated", "Valid credentials of an existing user or service are needed.",
        "Get a new access token (or ticket), and retry once. If that is refused too, the user has to sign in again, or to give the device a new password.");

    public static readonly ProblemKind Locked = new(403, "locked", "The account is locked.", "Do not retry; tell the user. An operator can unlock the account.");

    public static readonly ProblemKind Forbidden = new(403, "forbidden", "The token does not allow this.", "Do not retry with this token.");

    public static readonly ProblemKind OriginNotAllowed = new(
        403, "origin-not-allowed", "Pages of this origin may not connect.", "Do not retry. The operator lists origins in `Gateway:Origins`.");

    public static readonly ProblemKind NotFound = new(
        404, "not-found", "It does not exist, or you may not see it.",
        "Do not retry. Users who do not exist, hide from searches, or blocked you look the same.");

    public static readonly ProblemKind MethodNotAllowed = new(
        405, "method-not-allowed", "This address does not support the method.", $"{Fix} The header `Allow` lists the methods.");

    public static readonly ProblemKind TooLarge = new(413, "too-large", "The request is too large.", $"{Fix} Send it in parts; locations in parts of up to 50.");

    public static readonly ProblemKind UnsupportedMediaType = new(
        415, "unsupported-media-type", "The body must be application/json.", $"{Fix} Set the header `Content-Type`.");

    public static readonly ProblemKind InvalidLocation = new(
        422, "invalid-location", "A location is out of range.", $"{Fix} The member `detail` names the field; other locations of the request were taken.");

    public static readonly ProblemKind ClockSkew = new(
        422, "clock-skew", "The time of a location is more than 60 s ahead of the server.", "Correct the time by the response's `Date`, and send the location again.");

    public static readonly ProblemKind TooOld = new(
        422, "too-old", "A location is more than 24 hours old.", "Drop the location; newer ones of the request were taken.");

    public static readonly ProblemKind NoFix = new(
        422, "no-fix", "The device does not know where it is: an accuracy below 0, or latitude and longitude 0.", "Drop the location, and send the next one with a fix.");

    public static readonly ProblemKind Oneself = new(422, "oneself", "You cannot do this to yourself.", Fix);

    public static readonly ProblemKind WebSocketOnly = new(
        426, "websocket-only", "This address speaks WebSocket only.", $"{Fix} Open a WebSocket, or use `GET /v1/nearby/stream`.");

    public static readonly ProblemKind RateLimited = new(
        429, "rate-limited", "Too many requests; Retry-After says when to come back.", "Retry after the seconds of the header `Retry-After`. Of locations, send only the newest.");

    // What stands against it.
    public static readonly ProblemKind NameTaken = new(409, "name-taken", "Another user has this user name.", "Ask the user for another name.");

    public static readonly ProblemKind RegisteredAlready = new(
        409, "registered-already", "The token's subject is already registered.", "Do not retry; `GET /v1/me` returns the user.");

    public static readonly ProblemKind FriendsAlready = new(409, "friends-already", "You are already friends.", "Do not retry; the list of friends on the device is out of date, so load it again.");

    public static readonly ProblemKind FriendLimit = new(
        409, "friend-limit", "One of the two users has reached the limit of friends.", "Do not retry until a friend was removed.");

    public static readonly ProblemKind DeviceLimit = new(
        409, "device-limit", "You have reached the limit of devices.", "Do not retry until a device was removed: `DELETE /v1/me/devices/{id}`.");

    public static readonly ProblemKind RequestDeclined = new(
        409, "request-declined", "The user declined less than 30 days ago.", "Do not retry before the 30 days are over. The other user may ask at any time.");

    public static readonly ProblemKind UserBlocked = new(
        409, "user-blocked", "You have blocked this user.", "Do not retry until the user is unblocked: `DELETE /v1/blocks/{userId}`.");

    public static readonly ProblemKind NoLocation = new(
        409, "no-location", "You have published no location within the last minutes.", "Publish a location, then retry: `POST /v1/location` on the gateway.");

    public static readonly ProblemKind NotSharing = new(
        409, "not-sharing", "Sharing is off: the location was not kept.",
        "Drop the location, and send none until the user shares again. With status 422 only this location was dropped: it is from before sharing began again.");

    public static readonly ProblemKind CursorExpired = new(
        410, "cursor-expired", "The list of this cursor has expired.", "Ask for the first page, without a cursor.");

    // What we failed at.
    public static readonly ProblemKind ServerError = new(500, "server-error", "The server failed.", "Retry a few times with backoff and jitter, then give up.");

    public static readonly ProblemKind Unavailable = new(503, "unavailable", "A database or cache is unavailable; try again.", Backoff);

    public static readonly ProblemKind TooManyConnects = new(
        503, "too-many-connects", "Too many clients connect at the moment.", "Connect again after the seconds of the header `Retry-After`, plus jitter.");

    public static readonly ProblemKind Draining = new(
        503, "draining", "This gateway is about to stop.", "Connect again at once: a balancer leads to another gateway. Then with backoff and jitter.");

    // What operators are answered.
    public static readonly ProblemKind UnknownGateway = new(
        404, "unknown-gateway", "No gateway of this name is running.", $"{Fix} `GET /v1/ops/gateways` lists the names.");

    public static readonly ProblemKind UnknownServer = new(
        404, "unknown-server", "The ring has no server of this name.", $"{Fix} `GET /v1/ops/ring` lists the names.");

    public static readonly ProblemKind UnknownChannel = new(
        404, "unknown-channel", "There is no channel of this name.", $"{Fix} `GET /v1/ops/ring` lists the names.");

    public static readonly ProblemKind Cluster = new(
        409, "cluster", "There is no ring: a Redis Cluster places the channels.", "Do not retry; use the cluster's own tools.");

    public static readonly ProblemKind Actors = new(
        409, "actors", "There is no ring: the channels are actors of the gateways.", "Do not retry; actors move when gateways start and stop.");

    public static readonly ProblemKind NoStandby = new(
        409, "no-standby", "There is no standby that could replace the server.", "Name a server in the member `with`, or add a standby.");

    public static readonly ProblemKind AlreadyMember = new(409, "already-member", "The server is already in the ring.", Fix);

    public static readonly ProblemKind NotAnswering = new(
        409, "not-answering", "The server does not answer, so it cannot join the ring.", "Start the server, then retry.");

    public static readonly ProblemKind LastServer = new(409, "last-server", "The ring cannot be without a server.", "Add another server first.");

    public static readonly ProblemKind ChangePending = new(
        409, "change-pending", "Another change of the ring is not in force yet.", "Retry when `GET /v1/ops/ring` shows no pending change, or cancel that one.");

    public static readonly ProblemKind NoDiscovery = new(
        409, "no-discovery", "Without etcd the configuration determines the ring.", "Do not retry; change the setting `Fanout:Servers`.");

    public static readonly ProblemKind NotConfigured = new(
        422, "not-configured", "A process has no connection string for the server.", "Add `ConnectionStrings:{name}` to every service, then retry.");

    public static readonly ProblemKind DiscoveryAway = new(503, "discovery-away", "etcd is unavailable; the ring stays as it is.", Backoff);

    /// <summary>Every kind there is.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
        [.. typeof(ProblemKind).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (ProblemKind)field.GetValue(null)!)];

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
