using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// Runs the continuations of pipes on threads of its own, so that replies are read even while the thread pool is
/// exhausted; what it cannot take soon it hands to the thread pool.
/// </summary>
/// <remarks>
/// Idle threads wait on a monitor: a semaphore would have each of them spin before it sleeps, at every reply, which was
/// most of a quiet gateway's CPU.
/// </remarks>
public sealed class DedicatedThreadPoolPipeScheduler : PipeScheduler, IDisposable
{
    private readonly Queue<(Action<object?> Action, object? State)> _queue = new();
    private readonly object _lock = new(); // waited on, which a Lock cannot be
    private readonly int _longestQueue;
    private readonly string _name;
    private int _available;
    private long _servicedByQueue;
    private long _servicedByPool;
    private bool _disposed;

    /// <param name="name">Of the threads, for debuggers.</param>
    /// <param name="workerCount">How many threads.</param>
    /// <param name="useThreadPoolQueueLength">How many continuations may wait here; further ones go to the thread pool.</param>
    /// <param name="priority">Of the threads.</param>
    public DedicatedThreadPoolPipeScheduler(
        string? name = null, int workerCount = 5, int useThreadPoolQueueLength = 10, ThreadPriority priority = ThreadPriority.Normal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workerCount);
        _name = string.IsNullOrWhiteSpace(name) ? nameof(DedicatedThreadPoolPipeScheduler) : name.Trim();
        _longestQueue = workerCount == 0 ? 0 : useThreadPoolQueueLength;
        WorkerCount = workerCount;
        for (var i = 0; i < workerCount; i++)
            new Thread(Work) { Name = $"{_name}:{i}", Priority = priority, IsBackground = true }.Start();
    }

    public int WorkerCount { get; }

    /// <summary>How many threads have nothing to do.</summary>
    public int AvailableCount => Volatile.Read(ref _available);

    /// <summary>Continuations run by the threads of this scheduler so far.</summary>
    public long TotalServicedByQueue => Volatile.Read(ref _servicedByQueue);

    /// <summary>Continuations handed to the thread pool so far.</summary>
    public long TotalServicedByPool => Volatile.Read(ref _servicedByPool);

    public override void Schedule(Action<object?> action, object? state)
    {
        ArgumentNullException.ThrowIfNull(action);
        lock (_lock)
        {
            if (!_disposed && _queue.Count < _longestQueue)
            {
                _queue.Enqueue((action, state));
                Monitor.Pulse(_lock);
                return;
            }
        }

        Interlocked.Increment(ref _servicedByPool);
        ThreadPool.Schedule(action, state);
    }

    /// <summary>Ends the threads once they have run what is queued; what comes later runs on the thread pool.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;

            _disposed = true;
            Monitor.PulseAll(_lock);
        }
    }

    public override string ToString() => _name;

    private void Work()
    {
        while (TryTake(out var next))
        {
            Interlocked.Increment(ref _servicedByQueue);
            try
            {
                next.Action(next.State);
            }
            catch (Exception)
            {
                // A continuation reports its failure to whoever awaits it; the thread goes on for the others.
            }
        }
    }

    // False once it is disposed and nothing is queued.
    private bool TryTake(out (Action<object?> Action, object? State) next)
    {
        lock (_lock)
        {
            _available++;
            while (_queue.Count == 0 && !_disposed)
                Monitor.Wait(_lock);

            _available--;
            return _queue.TryDequeue(out next);
        }
    }
}
