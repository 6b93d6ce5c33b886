using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.Gateway.Strangers;

/// <summary>A session as those see it who show it strangers. It must not call them while it holds a lock of its own.</summary>
public interface IStrangerViewer
{
    /// <summary>Its user.</summary>
    long UserId { get; }

    /// <summary>Where its user is.</summary>
    FriendLocation Own { get; }

    /// <summary>Whether its user sees strangers and is seen by them.</summary>
    StrangerConsent StrangerConsent { get; }

    /// <summary>What it shows of strangers; null until its client asked.</summary>
    StrangerWatch? Strangers { get; set; }

    /// <summary>How its messages are written.</summary>
    MessageFormat Format { get; }

    /// <summary>Least milliseconds between two messages, as its client chose.</summary>
    long FlushEveryMs { get; }

    /// <summary>Whether it ended. Takes no lock.</summary>
    bool IsClosed { get; }

    /// <summary>Whether a message sent now would leave at once: its client is in the foreground, and nothing else is under way.</summary>
    bool IsReadyForMore { get; }

    /// <summary>Sends a message as soon as those before it are gone.</summary>
    void Send(MessageBuffer message);
}
