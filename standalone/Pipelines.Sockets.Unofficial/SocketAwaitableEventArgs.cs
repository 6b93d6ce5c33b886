using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// A socket operation that can be awaited, again and again without allocating:
/// <code>if (!socket.SendAsync(args)) args.Complete(); var sent = await args;</code>
/// </summary>
/// <param name="ioScheduler">Where continuations run; on the thread that completes the operation when null.</param>
public class SocketAwaitableEventArgs(PipeScheduler? ioScheduler = null) : SocketAsyncEventArgs, ICriticalNotifyCompletion
{
    private static readonly Action Ended = () => { };
    private static readonly Action<object?> Run = continuation => ((Action)continuation!)();

    // Inline costs a detour otherwise.
    private readonly PipeScheduler? _scheduler = ioScheduler == PipeScheduler.Inline ? null : ioScheduler;

    // Null while nobody waits; the continuation while somebody does; Ended from the end of the operation to GetResult.
    private Action? _continuation;
    private volatile SocketError _abortedWith;

    public bool IsCompleted => ReferenceEquals(Volatile.Read(ref _continuation), Ended);

    public SocketAwaitableEventArgs GetAwaiter() => this;

    /// <summary>The number of bytes transferred; makes the object ready for the next operation.</summary>
    /// <exception cref="SocketException">The operation failed or was aborted.</exception>
    public int GetResult()
    {
        Volatile.Write(ref _continuation, null);
        var error = _abortedWith == SocketError.Success ? SocketError : _abortedWith;
        return error == SocketError.Success ? BytesTransferred : throw new SocketException((int)error);
    }

    /// <summary>Makes this and every later operation fail, and resumes whoever waits; the socket's own operation goes on.</summary>
    public void Abort(SocketError error = SocketError.OperationAborted)
    {
        if (error == SocketError.Success)
            throw new ArgumentException("Success is no reason to abort.", nameof(error));

        _abortedWith = error;
        Complete();
    }

    /// <summary>To be called when the socket completed the operation at once.</summary>
    public void Complete() => OnCompleted(this);

    /// <inheritdoc/>
    public void OnCompleted(Action continuation)
    {
        // Ended in the meantime: never on this stack, which would grow with every operation that completes at once.
        if (Interlocked.CompareExchange(ref _continuation, continuation, null) is not null)
            (_scheduler ?? PipeScheduler.ThreadPool).Schedule(Run, continuation);
    }

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => OnCompleted(continuation);

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        var continuation = Interlocked.Exchange(ref _continuation, Ended);
        if (continuation is null || ReferenceEquals(continuation, Ended))
            return;

        if (_scheduler is null)
            continuation();
        else
            _scheduler.Schedule(Run, continuation);
    }
}
