namespace Pipelines.Sockets.Unofficial;

/// <summary>What ended a connection.</summary>
public enum PipeShutdownKind
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>Its owner disposed it.</summary>
    PipeDisposed = 1,

    /// <summary>The peer ended the stream.</summary>
    ReadEndOfStream = 100,

    /// <summary>Receiving found the socket disposed.</summary>
    ReadDisposed = 101,

    /// <summary>Receiving failed otherwise.</summary>
    ReadException = 103,

    /// <summary>Receiving failed with <see cref="SocketConnection.SocketError"/>.</summary>
    ReadSocketError = 104,

    /// <summary>The reader of what was received completed.</summary>
    ReadFlushCompleted = 105,

    /// <summary>Handing over what was received was cancelled.</summary>
    ReadFlushCanceled = 106,

    /// <summary>The writer of what to send completed, and all was sent.</summary>
    WriteEndOfStream = 200,

    /// <summary>Sending found the socket disposed.</summary>
    WriteDisposed = 201,

    /// <summary>Sending failed otherwise.</summary>
    WriteException = 204,

    /// <summary>Sending failed with <see cref="SocketConnection.SocketError"/>.</summary>
    WriteSocketError = 205,

    /// <summary>The client said goodbye.</summary>
    ProtocolExitClient = 400,

    /// <summary>The server said goodbye.</summary>
    ProtocolExitServer = 401,
}

/// <summary>Special wishes of a connection's owner.</summary>
[Flags]
public enum SocketConnectionOptions
{
    None = 0,
}

/// <summary>The connection broke.</summary>
public sealed class ConnectionResetException : IOException
{
    public ConnectionResetException()
    {
    }

    public ConnectionResetException(string message)
        : base(message)
    {
    }

    public ConnectionResetException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
