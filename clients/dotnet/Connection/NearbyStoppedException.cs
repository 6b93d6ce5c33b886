namespace NearbyFriends.Client.Connection;

/// <summary>Why a client stopped for good.</summary>
public enum StopReason
{
    /// <summary>The application asked.</summary>
    Disposed,

    /// <summary>The gateway saw the client break the protocol (close code 1008, or 1002 and 1007, or a message over its limit, 1009).</summary>
    ProtocolViolation,

    /// <summary>The user was deleted or locked (4403).</summary>
    UserUnavailable,

    /// <summary>Every fresh token was refused as well (4401, or 401 before the upgrade).</summary>
    TokenRefused,
}

/// <summary>Thrown by what needs a connection once the client has stopped for good.</summary>
public sealed class NearbyStoppedException : Exception
{
    public NearbyStoppedException() : this(StopReason.Disposed, null)
    {
    }

    public NearbyStoppedException(string message) : base(message)
    {
    }

    public NearbyStoppedException(string message, Exception innerException) : base(message, innerException)
    {
    }

    public NearbyStoppedException(StopReason reason, string? description)
        : base($"The client has stopped: {reason}{(string.IsNullOrEmpty(description) ? "" : $" ({description})")}.") => Reason = reason;

    /// <summary>Why.</summary>
    public StopReason Reason { get; }
}
