using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A connected stream socket as a pair of pipes.</summary>
/// <remarks>
/// Two loops run as long as the connection lives: one receives into <see cref="Input"/>, straight into the memory that
/// the reader sees, and one sends what is flushed to <see cref="Output"/>, as many segments at a time as there are.
/// Neither copies, nor allocates per operation.
/// </remarks>
public sealed partial class SocketConnection : IMeasuredDuplexPipe, IDisposable
{
    private readonly Pipe _receive;
    private readonly Pipe _send;
    private readonly PipeScheduler _sendScheduler;
    private readonly string _name;
    private int _shutdownKind;
    private int _disposed;

    private SocketConnection(Socket socket, PipeOptions sendOptions, PipeOptions receiveOptions, string name)
    {
        Socket = socket;
        _name = name;
        _send = new Pipe(sendOptions);
        _receive = new Pipe(receiveOptions);
        _sendScheduler = sendOptions.ReaderScheduler;
        sendOptions.ReaderScheduler.Schedule(static connection => _ = ((SocketConnection)connection!).SendAsync(), this);
        receiveOptions.WriterScheduler.Schedule(static connection => _ = ((SocketConnection)connection!).ReceiveAsync(), this);
    }

    public Socket Socket { get; }

    /// <summary>What was received. Completes at the peer's end of stream, with an exception when the connection broke.</summary>
    public PipeReader Input => _receive.Reader;

    /// <summary>What to send. Flushing throws <see cref="ConnectionResetException"/> once the connection is broken.</summary>
    public PipeWriter Output => _send.Writer;

    /// <summary>What ended the connection first; <see cref="PipeShutdownKind.None"/> while nothing did.</summary>
    public PipeShutdownKind ShutdownKind => (PipeShutdownKind)Volatile.Read(ref _shutdownKind);

    /// <summary>The socket's error that ended the connection, if one did.</summary>
    public SocketError SocketError { get; private set; }

    long IMeasuredDuplexPipe.TotalBytesReceived => BytesRead;

    long IMeasuredDuplexPipe.TotalBytesSent => BytesSent;

    /// <summary>Takes over a connected socket; <see cref="Dispose"/> closes it.</summary>
    /// <param name="socket">Connected, of type stream.</param>
    /// <param name="sendPipeOptions">Of <see cref="Output"/>; its reader's scheduler runs the sending.</param>
    /// <param name="receivePipeOptions">Of <see cref="Input"/>.</param>
    /// <param name="socketConnectionOptions">Must be <see cref="SocketConnectionOptions.None"/>.</param>
    /// <param name="name">For debuggers.</param>
    public static SocketConnection Create(
        Socket socket,
        PipeOptions? sendPipeOptions,
        PipeOptions? receivePipeOptions,
        SocketConnectionOptions socketConnectionOptions = SocketConnectionOptions.None,
        string? name = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socketConnectionOptions != SocketConnectionOptions.None)
            throw new NotSupportedException("This connection has no options.");

        return new(socket, sendPipeOptions ?? PipeOptions.Default, receivePipeOptions ?? PipeOptions.Default, name ?? nameof(SocketConnection));
    }

    /// <summary>Does nothing: what the connection depends on is part of the framework.</summary>
    public static void AssertDependencies()
    {
    }

    /// <summary>Sends small messages at once instead of waiting for more (TCP_NODELAY).</summary>
    public static void SetRecommendedClientOptions(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socket.AddressFamily != AddressFamily.Unix)
            socket.NoDelay = true;
    }

    /// <summary>Notes that the protocol says goodbye, so that what follows is not taken for a failure.</summary>
    /// <returns>Whether <paramref name="kind"/> is of the protocol, and nothing had ended the connection before.</returns>
    public bool TrySetProtocolShutdown(PipeShutdownKind kind) =>
        kind is PipeShutdownKind.ProtocolExitClient or PipeShutdownKind.ProtocolExitServer && TryEnd(kind);

    /// <summary>How many bytes are where on their way, for diagnostics.</summary>
    public Counters GetCounters() => new(AvailableOnSocket(), LengthOf(_receive), LengthOf(_send));

    /// <summary>Closes the socket and ends both pipes.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        TryEnd(PipeShutdownKind.PipeDisposed);
        ShutDownSocket(SocketShutdown.Both);
        Socket.Dispose();
        _send.Reader.CancelPendingRead();
    }

    public override string ToString() => _name;

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Length")]
    private static extern long InternalLength(Pipe pipe);

    // The framework keeps the number to itself; without it diagnostics say 0.
    private static long LengthOf(Pipe pipe)
    {
        try
        {
            return InternalLength(pipe);
        }
        catch (MissingMethodException)
        {
            return 0;
        }
    }

    private int AvailableOnSocket()
    {
        try
        {
            return Socket.Available;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private void ShutDownSocket(SocketShutdown direction)
    {
        try
        {
            Socket.Shutdown(direction);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Not connected any more, which is what was wanted.
        }
    }

    private bool TryEnd(PipeShutdownKind kind, SocketError error = SocketError.Success)
    {
        if (Interlocked.CompareExchange(ref _shutdownKind, (int)kind, (int)PipeShutdownKind.None) != (int)PipeShutdownKind.None)
            return false;

        SocketError = error;
        return true;
    }

    /// <summary>Bytes on their way.</summary>
    [SuppressMessage("Design", "CA1815", Justification = "Never compared.")]
    public readonly struct Counters
    {
        internal Counters(long availableOnSocket, long waitingToBeRead, long waitingToBeSent) =>
            (BytesAvailableOnSocket, BytesWaitingToBeRead, BytesWaitingToBeSent) = (availableOnSocket, waitingToBeRead, waitingToBeSent);

        /// <summary>Arrived in the system, not received yet.</summary>
        public long BytesAvailableOnSocket { get; }

        /// <summary>Received, not consumed by the reader of <see cref="Input"/> yet.</summary>
        public long BytesWaitingToBeRead { get; }

        /// <summary>Flushed to <see cref="Output"/>, not sent yet.</summary>
        public long BytesWaitingToBeSent { get; }
    }
}
