using System.Net.Sockets;

namespace NearbyFriends.Simulator.Walking;

/// <summary>
/// A phone's radio: what its client connects through. Without signal the connection breaks, as it does in a tunnel, and a new
/// one comes about no sooner than there is signal again.
/// </summary>
internal sealed class Radio : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SocketsHttpHandler _handler;
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NetworkStream? _connection;

    public Radio()
    {
        _handler = new() { UseCookies = false, ConnectCallback = async (context, token) => await ConnectAsync(context, token) };
        Invoker = new(_handler, disposeHandler: false);
        _signal.SetResult();
    }

    /// <summary>What connects, for a client's options.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary>Whether there is signal.</summary>
    public bool HasSignal
    {
        get => _signal.Task.IsCompleted;
        set
        {
            lock (_gate)
            {
                if (value)
                {
                    _signal.TrySetResult();
                }
                else if (_signal.Task.IsCompleted)
                {
                    _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    _connection?.Dispose();
                    _connection = null;
                }
            }
        }
    }

    public void Dispose()
    {
        Invoker.Dispose();
        _handler.Dispose();
    }

    private async Task<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        await _signal.Task.WaitAsync(cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            var connection = new NetworkStream(socket, ownsSocket: true);
            lock (_gate)
            {
                if (!HasSignal)
                {
                    throw new IOException("The signal is gone again.");
                }

                _connection = connection;
            }

            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
