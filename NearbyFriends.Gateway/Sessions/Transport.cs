using NearbyFriends.Gateway.Protocol;

namespace NearbyFriends.Gateway.Sessions;

/// <summary>The way to one client. A session sends one message at a time.</summary>
public abstract class Transport
{
    /// <summary>How messages are written on this way.</summary>
    public abstract MessageFormat Format { get; }

    /// <summary>Sends one message; ends when the client's connection has taken it.</summary>
    public abstract ValueTask SendAsync(MessageBuffer message);

    /// <summary>
    /// Calls <paramref name="heard"/> once with the next sign of life from the client, and asks for one behind all that was sent. Never
    /// called if the client is gone, or on a way by which clients cannot answer.
    /// </summary>
    public virtual void WhenHeard(Action heard)
    {
        // a way without answers
    }

    /// <summary>Called every second: says something to a peer that was silent, so that NATs stay open, and gives up one that is gone.</summary>
    public abstract void KeepAlive();

    /// <summary>Ends the connection in good order; a peer that does not answer is cut off after a moment. Never throws.</summary>
    public abstract Task CloseAsync(int code, string reason);
}
