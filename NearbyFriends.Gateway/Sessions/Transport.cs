using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>The way to one client. A session sends one message at a time.</summary>
public abstract class Transport
{
    /// <summary>How messages are written on this way.</summary>
    public abstract MessageFormat Format { get; }

    /// <summary>Sends one message; ends when the client's connection has taken it.</summary>
    public abstract ValueTask SendAsync(MessageBuffer message);

    /// <summary>Called every second: says something to a peer that was silent, so that NATs stay open, and gives up one that is gone.</summary>
    public abstract void KeepAlive();

    /// <summary>Ends the connection in good order; a peer that does not answer is cut off after a moment. Never throws.</summary>
    public abstract Task CloseAsync(int code, string reason);
}
