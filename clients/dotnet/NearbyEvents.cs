using NearbyFriends.Client.Lists;

namespace NearbyFriends.Client;

/// <summary>A friend moved, or came into the list.</summary>
/// <param name="Friend">The friend as it is now.</param>
/// <param name="Added">Whether it was not in the list before.</param>
/// <param name="IsNews">Whether it was in the list and its location is newer than before; not merely its distance another.</param>
/// <param name="ReportedDistance">Metres, as the gateway computed them.</param>
public readonly record struct FriendMoved(NearbyFriend Friend, bool Added, bool IsNews, double ReportedDistance);

/// <summary>A friend left the list.</summary>
/// <param name="Friend">The friend as it was last.</param>
/// <param name="Reason">Why, as far as one is told.</param>
public readonly record struct FriendLeft(NearbyFriend Friend, LeaveReason Reason);

/// <summary>Somebody became a friend.</summary>
public readonly record struct FriendAdded(long Id, string? Name);

/// <summary>One ended a friendship, here or on another device. (Being unfriended is not told.)</summary>
public readonly record struct FriendRemoved(long Id);

/// <summary>Somebody asks one to be friends, or one asked somebody; or it is asked no more. (<see cref="FriendAdded"/> if it was accepted.)</summary>
/// <param name="Id">Of the request, as in REST.</param>
/// <param name="From">Who asks.</param>
/// <param name="To">Who may answer.</param>
/// <param name="State"><c>pending</c>, or <c>closed</c>: declined, cancelled, or ended by a block; one is not told which.</param>
/// <param name="Name">Display name of the other, of a pending request.</param>
public readonly record struct FriendRequestChanged(string Id, long From, long To, string State, string? Name);

/// <summary>A friend came near, as one wished to be told.</summary>
/// <param name="FriendId">The friend.</param>
/// <param name="Name">As the friend is called.</param>
/// <param name="Distance">Metres.</param>
public readonly record struct Alerted(long FriendId, string? Name, double Distance);

/// <summary>One switched sharing or its end, here or on another device; or the end came.</summary>
/// <param name="Sharing">Whether one shares now.</param>
/// <param name="Until">When that ends by itself, Unix milliseconds UTC; null for no end.</param>
public readonly record struct SharingChanged(bool Sharing, long? Until = null);

/// <summary>One shows a friend more or less of one's location, here or on another device.</summary>
/// <param name="FriendId">The friend.</param>
/// <param name="Shows"><c>exact</c>, <c>approximate</c> or <c>nothing</c>.</param>
/// <param name="Until">When that ends by itself, Unix milliseconds UTC; null for no end.</param>
public readonly record struct VisibilityChanged(long FriendId, string Shows, long? Until);

/// <summary>The connection is gone and will be tried again.</summary>
/// <param name="CloseCode">WebSocket close code; 1006 when the connection broke or could not be made.</param>
/// <param name="Attempt">1 for the first try after a session.</param>
/// <param name="Delay">How long until that try.</param>
/// <param name="Cause">What broke it; null after an orderly close.</param>
public readonly record struct Reconnecting(int CloseCode, int Attempt, TimeSpan Delay, Exception? Cause);

/// <summary>The gateway refused a message; the session continues.</summary>
/// <param name="Code">Stable code, such as <c>invalid_location</c> or <c>rate_limited</c>.</param>
/// <param name="Message">For a person who reads logs.</param>
public readonly record struct GatewayError(string Code, string? Message);

/// <summary>The gateway refused a request that was waiting for an answer, such as a page.</summary>
public sealed class NearbyRequestException : Exception
{
    public NearbyRequestException()
    {
    }

    public NearbyRequestException(string message) : base(message)
    {
    }

    public NearbyRequestException(string message, Exception innerException) : base(message, innerException)
    {
    }

    public NearbyRequestException(GatewayError error)
        : base($"{error.Code}: {error.Message}") => Code = error.Code;

    /// <summary>Stable code, such as <c>cursor_expired</c>; <c>disconnected</c> when the connection went first.</summary>
    public string Code { get; } = "";
}
