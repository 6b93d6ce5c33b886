using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial;

public sealed partial class SocketConnection
{
    private const int SmallestReceive = 2 * 1024;
    private const int LargestReceive = 64 * 1024;

    private long _bytesRead;

    /// <summary>Bytes received since the connection was made.</summary>
    public long BytesRead => Volatile.Read(ref _bytesRead);

    /// <summary>Bytes of the last receive; 0 at the peer's end of stream.</summary>
    public int LastReceived { get; private set; }

    private async Task ReceiveAsync()
    {
        Exception? failure = null;
        try
        {
            await ReceiveUntilTheEndAsync();
        }
        catch (SocketException error)
        {
            TryEnd(PipeShutdownKind.ReadSocketError, error.SocketErrorCode);
            failure = new ConnectionResetException(error.Message, error);
        }
        catch (ObjectDisposedException error)
        {
            TryEnd(PipeShutdownKind.ReadDisposed);
            failure = new ConnectionResetException("The connection was closed.", error);
        }
        catch (Exception error)
        {
            TryEnd(PipeShutdownKind.ReadException);
            failure = error;
        }

        ShutDownSocket(SocketShutdown.Receive);
        await _receive.Writer.CompleteAsync(failure);
    }

    private async Task ReceiveUntilTheEndAsync()
    {
        var size = SmallestReceive;
        while (true)
        {
            var memory = _receive.Writer.GetMemory(size);
            var received = LastReceived = await Socket.ReceiveAsync(memory);
            if (received == 0)
            {
                TryEnd(PipeShutdownKind.ReadEndOfStream);
                return;
            }

            // A receive that filled its memory left more behind: fewer, larger ones while that lasts.
            size = received == memory.Length ? Math.Min(2 * memory.Length, LargestReceive) : SmallestReceive;
            Interlocked.Add(ref _bytesRead, received);
            _receive.Writer.Advance(received);
            var flushed = await _receive.Writer.FlushAsync();
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                TryEnd(flushed.IsCompleted ? PipeShutdownKind.ReadFlushCompleted : PipeShutdownKind.ReadFlushCanceled);
                return;
            }
        }
    }
}
