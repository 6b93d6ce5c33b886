using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Pipelines.Sockets.Unofficial;

public sealed partial class SocketConnection
{
    // Half a megabyte of 8 KiB segments in one system call; systems accept 1,024.
    private const int MostSegments = 64;

    private long _bytesSent;

    /// <summary>Bytes handed to the system since the connection was made.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    private async Task SendAsync()
    {
        Exception? failure = null;
        try
        {
            await SendUntilTheEndAsync();
            TryEnd(PipeShutdownKind.WriteEndOfStream);
        }
        catch (SocketException error)
        {
            TryEnd(PipeShutdownKind.WriteSocketError, error.SocketErrorCode);
            failure = new ConnectionResetException(error.Message, error);
        }
        catch (ObjectDisposedException error)
        {
            TryEnd(PipeShutdownKind.WriteDisposed);
            failure = new ConnectionResetException("The connection was closed.", error);
        }
        catch (Exception error)
        {
            TryEnd(PipeShutdownKind.WriteException);
            failure = error;
        }

        ShutDownSocket(SocketShutdown.Send);
        await _send.Reader.CompleteAsync(failure);
    }

    private async Task SendUntilTheEndAsync()
    {
        using var operation = new SocketAwaitableEventArgs(_sendScheduler);
        var segments = new List<ArraySegment<byte>>(MostSegments);
        while (true)
        {
            var read = await _send.Reader.ReadAsync();
            ObjectDisposedException.ThrowIf(read.IsCanceled, this);
            var buffer = read.Buffer;
            if (buffer.IsEmpty && read.IsCompleted)
                return;

            var sent = Prepare(operation, segments, buffer);
            if (!Socket.SendAsync(operation))
                operation.Complete();

            Interlocked.Add(ref _bytesSent, await operation);
            _send.Reader.AdvanceTo(sent);
        }
    }

    // Points the operation at as much of the buffer as one call sends; returns where that ends.
    private static SequencePosition Prepare(SocketAwaitableEventArgs operation, List<ArraySegment<byte>> segments, in ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment)
        {
            if (operation.BufferList is not null)
                operation.BufferList = null;

            operation.SetBuffer(MemoryMarshal.AsMemory(buffer.First));
            return buffer.End;
        }

        segments.Clear();
        var end = buffer.Start;
        while (segments.Count < MostSegments && buffer.TryGet(ref end, out var memory))
            segments.Add(MemoryMarshal.TryGetArray(memory, out var segment) ? segment : new(memory.ToArray()));

        if (!operation.MemoryBuffer.IsEmpty)
            operation.SetBuffer(default);

        operation.BufferList = segments;
        return end.GetObject() is null ? buffer.End : end;
    }
}
