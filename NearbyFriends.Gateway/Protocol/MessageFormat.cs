using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.People;

namespace NearbyFriends.Gateway.Protocol;

/// <summary>A friend as one watcher sees it.</summary>
/// <param name="UserId">The friend.</param>
/// <param name="DisplayName">Null where the client has it already.</param>
/// <param name="Location">Where and when.</param>
/// <param name="DistanceMetres">From the watcher's own last location.</param>
/// <param name="Accuracy">Of the location; unknown where the device told none.</param>
/// <param name="IsApproximate">Whether the location is snapped to a grid.</param>
public readonly record struct FriendEntry(
    long UserId, string? DisplayName, Location Location, double DistanceMetres, Accuracy Accuracy = default, bool IsApproximate = false);

/// <summary>What a session is told when it opens.</summary>
public sealed record Welcome(
    long UserId, string SessionId, bool Sharing, int RadiusMetres, int PageSize, long FlushMs, long UpdateEveryMs, long InactiveAfterMs, long Now)
{
    /// <summary>Unix milliseconds at which sharing ends; 0 for no end.</summary>
    public long SharingUntil { get; init; }
}

/// <summary>The messages of PROTOCOL as bytes: JSON or protobuf. What is said is decided before; a format only says how.</summary>
public abstract class MessageFormat
{
    /// <summary>JSON objects, of the subprotocol <c>nearbyfriends.v1.json</c> and of event streams.</summary>
    public static MessageFormat Json { get; } = new JsonFormat();

    /// <summary>The messages of docs/nearby.proto, of the subprotocol <c>nearbyfriends.v1.protobuf</c>.</summary>
    public static MessageFormat Protobuf { get; } = new ProtobufFormat();

    /// <summary>Reads a client's message: the message, or the reason why it is none; the <c>ref</c> where there is one.</summary>
    public abstract (ClientMessage? Message, string? Problem, string? Ref) Read(ReadOnlySpan<byte> bytes);

    public abstract MessageBuffer Welcome(Welcome welcome);

    /// <summary>One page of a list.</summary>
    public abstract MessageBuffer Nearby(int list, int page, ReadOnlySpan<FriendEntry> friends, int total, string? cursor, string? reference);

    /// <summary>Begins a <c>friends</c> message; continue with <see cref="Moved"/>, end with <see cref="EndFriends"/>.</summary>
    public abstract MessageBuffer BeginFriends(int list, int total);

    /// <summary>Adds a friend who moved; <paramref name="first"/> for the first of the message.</summary>
    public abstract void Moved(MessageBuffer message, in FriendEntry friend, bool first);

    /// <summary>Ends a <c>friends</c> message with those who left.</summary>
    public abstract MessageBuffer EndFriends(MessageBuffer message, List<(long UserId, bool Away)> left);

    public abstract MessageBuffer FriendAdded(long userId, string displayName);

    public abstract MessageBuffer FriendRemoved(long userId);

    /// <param name="sharing">Whether the user shares.</param>
    /// <param name="until">Unix milliseconds at which that ends; 0 for no end.</param>
    public abstract MessageBuffer Sharing(bool sharing, long until);

    /// <summary>The user shows a friend more or less of its location.</summary>
    public abstract MessageBuffer Visibility(long userId, FriendVisibility shows);

    /// <summary>A friend request of the user's, or to the user, waits for its answer.</summary>
    /// <param name="id">Who asks whom.</param>
    /// <param name="name">Display name of the one who is not the user; null if it cannot be read now.</param>
    public abstract MessageBuffer FriendRequest(FriendRequestId id, string? name);

    /// <summary>A friend request is asked no more, and did not make friends.</summary>
    public abstract MessageBuffer FriendRequestClosed(FriendRequestId id);

    /// <summary>A friend came near, as the user wished to be told.</summary>
    /// <param name="userId">The friend.</param>
    /// <param name="displayName">As friends see it.</param>
    /// <param name="distance">Metres.</param>
    public abstract MessageBuffer Alert(long userId, string displayName, double distance);

    /// <summary>What changed about the strangers around; everything, if the list is new.</summary>
    /// <param name="list">Number of the list.</param>
    /// <param name="people">Who came or moved, under pseudonyms; with a name who came.</param>
    /// <param name="left">Pseudonyms of who is shown no more.</param>
    /// <param name="total">How many are within the radius.</param>
    /// <param name="reference">The client's <c>ref</c>, if this answers it.</param>
    public abstract MessageBuffer Strangers(int list, ReadOnlySpan<FriendEntry> people, ReadOnlySpan<long> left, int total, string? reference);

    public abstract MessageBuffer Reconnect(long afterMs);

    public abstract MessageBuffer Token(long expiresAt, string? reference);

    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">A sentence for a developer, naming the field.</param>
    /// <param name="reference">The client's <c>ref</c>, if it gave one.</param>
    /// <param name="now">The server's clock, told with <c>clock_skew</c> only.</param>
    public abstract MessageBuffer Error(string code, string message, string? reference, long now);
}
