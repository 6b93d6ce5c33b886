namespace NearbyFriends.TestServers;

/// <summary>What a system under test consists of, ended in the reverse order of its start. For several callers at a time.</summary>
public sealed class OwnedParts : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    /// <summary>Ends the part with the others.</summary>
    public T Own<T>(T part) where T : IAsyncDisposable
    {
        lock (_parts)
        {
            _parts.Add(part);
        }

        return part;
    }

    /// <summary>The same for one that is being started.</summary>
    public async Task<T> OwnAsync<T>(Task<T> starting) where T : IAsyncDisposable => Own(await starting);

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }
    }
}
