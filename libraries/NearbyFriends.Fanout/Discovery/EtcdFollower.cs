using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace NearbyFriends.Fanout.Discovery;

/// <summary>Follows the keys under a prefix: reads them once, then watches for changes.</summary>
/// <remarks>
/// When the watch fails, a new one resumes at the revision reached, so that no change is missed or repeated; when etcd has
/// compacted that revision, the keys are read again. While etcd is unavailable the last state remains, and the pauses between
/// attempts grow. Not thread-safe: one reader.
/// </remarks>
public sealed partial class EtcdFollower(EtcdClient etcd, string prefix, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private readonly Backoff _backoff = new(clock);
    private ImmutableDictionary<string, EtcdEntry> _entries = ImmutableDictionary<string, EtcdEntry>.Empty;
    private IAsyncEnumerator<(IReadOnlyList<EtcdEvent> Events, long Revision)>? _watch;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _broken;
    private long _revision;
    private volatile bool _isStale = true;

    /// <summary>
    /// The next state, without the prefix in its keys: the first call returns the current state, later calls wait for a change.
    /// </summary>
    public async Task<ImmutableDictionary<string, EtcdEntry>> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_isStale)
                {
                    return await ReadAsync(cancellationToken);
                }

                if (await AdvanceAsync(cancellationToken))
                {
                    return _entries;
                }
            }
            catch (EtcdCompactedException e)
            {
                LogCompacted(e.Message);
                _isStale = true;
                await CloseWatchAsync();
            }
            catch (EtcdException e)
            {
                if (_backoff.IsFirst)
                {
                    LogAway(e.Message);
                }

                await CloseWatchAsync();
                await _backoff.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await CloseWatchAsync(); // Reconnect was called
            }
        }
    }

    /// <summary>Opens a new watch: the connection of the current one may have failed without an error.</summary>
    public void Reconnect()
    {
        lock (_gate)
        {
            _broken?.Cancel();
        }
    }

    /// <summary>Reads the keys again, whatever the watch reports.</summary>
    public void Reread()
    {
        _isStale = true;
        Reconnect();
    }

    public async ValueTask DisposeAsync() => await CloseWatchAsync();

    private async Task<ImmutableDictionary<string, EtcdEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        _isStale = false; // before the read, so that a call of Reread meanwhile takes effect
        EtcdRange range;
        try
        {
            range = await etcd.GetRangeAsync(prefix, cancellationToken);
        }
        catch
        {
            _isStale = true;
            throw;
        }

        _entries = range.Entries.ToImmutableDictionary(entry => entry.Key[prefix.Length..], StringComparer.Ordinal);
        _revision = range.Revision;
        _backoff.Reset();
        return _entries;
    }

    /// <summary>Awaits the next message of the watch; true when it changed something.</summary>
    private async Task<bool> AdvanceAsync(CancellationToken cancellationToken)
    {
        if (_watch is null)
        {
            CancellationToken broken;
            lock (_gate)
            {
                _broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                broken = _broken.Token;
            }

            _watch = etcd.WatchAsync(prefix, _revision + 1, broken).GetAsyncEnumerator(broken);
        }

        await _watch.MoveNextAsync();
        _backoff.Reset();
        var (events, _) = _watch.Current;
        foreach (var change in events)
        {
            var key = change.Entry.Key[prefix.Length..];
            _entries = change.IsDelete ? _entries.Remove(key) : _entries.SetItem(key, change.Entry);
            _revision = Math.Max(_revision, change.Entry.ModRevision); // for a deletion, the revision of the deletion
        }

        return events.Count > 0;
    }

    private async Task CloseWatchAsync()
    {
        if (_watch is { } watch)
        {
            _watch = null;
            await watch.DisposeAsync();
        }

        lock (_gate)
        {
            _broken?.Dispose();
            _broken = null;
        }
    }

    [LoggerMessage(LogLevel.Information, "etcd has compacted the watched revision; the keys are read again: {Reason}")]
    private partial void LogCompacted(string reason);

    [LoggerMessage(LogLevel.Warning, "etcd is unavailable; the last state remains in use: {Reason}")]
    private partial void LogAway(string reason);
}
