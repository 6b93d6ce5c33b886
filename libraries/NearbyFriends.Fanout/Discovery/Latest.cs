namespace NearbyFriends.Fanout.Discovery;

/// <summary>The latest value of something that one owner sets and many readers wait for.</summary>
public sealed class Latest<T>(T first)
{
    private Entry _entry = new(first);

    /// <summary>The value now.</summary>
    public T Value => Volatile.Read(ref _entry).Value;

    /// <summary>The value now, and a task that completes when there is a later one.</summary>
    public (T Value, Task Changed) Read()
    {
        var entry = Volatile.Read(ref _entry);
        return (entry.Value, entry.Replaced.Task);
    }

    /// <summary>Replaces the value.</summary>
    public void Set(T value) => Interlocked.Exchange(ref _entry, new Entry(value)).Replaced.SetResult();

    private sealed class Entry(T value)
    {
        public T Value { get; } = value;

        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
