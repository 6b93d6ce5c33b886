using Microsoft.Extensions.Logging;

namespace NearbyFriends.Fanout.Discovery;

/// <summary>Keeps a lease alive while this process runs; when it has expired, requests a new one.</summary>
/// <param name="etcd">Where the lease is kept.</param>
/// <param name="time">After this time without a renewal its keys are removed. It is renewed three times as often.</param>
/// <param name="granted">Called with each new lease, before its first renewal: sets the keys that belong to it.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Reports failures.</param>
public sealed partial class EtcdLease(
    EtcdClient etcd, TimeSpan time, Func<long, CancellationToken, Task> granted, TimeProvider clock, ILogger logger)
{
    private readonly Backoff _backoff = new(clock);
    private long _id;
    private long _heldUntil;

    /// <summary>The lease; 0 while there is none.</summary>
    public long Id => Volatile.Read(ref _id);

    /// <summary>
    /// Whether the lease is certainly valid. Counted from before the last renewal was sent, so never longer than etcd counts.
    /// </summary>
    public bool IsHeld => Id != 0 && clock.GetTimestamp() < Volatile.Read(ref _heldUntil);

    /// <summary>Called after each request, with whether etcd answered.</summary>
    public Action<bool> Answered { get; init; } = static _ => { };

    /// <summary>Runs until it is cancelled; then it revokes the lease, which removes its keys at once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    var asked = clock.GetTimestamp();
                    var id = await etcd.GrantLeaseAsync(time, cancellationToken);
                    Hold(id, asked);
                    await granted(id, cancellationToken);
                    Answered(true);
                    _backoff.Reset();
                    await KeepAsync(id, cancellationToken);
                    LogEnded();
                }
                catch (EtcdException e)
                {
                    LogAway(e.Message);
                    Answered(false);
                    await _backoff.WaitAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await GiveBackAsync();
        }
    }

    /// <summary>
    /// Renews until etcd reports that the lease has expired. While etcd is unavailable the lease may still be valid, so the
    /// renewals continue.
    /// </summary>
    private async Task KeepAsync(long id, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(time / 3, clock, cancellationToken);
            var asked = clock.GetTimestamp();
            try
            {
                if (!await etcd.RenewLeaseAsync(id, cancellationToken))
                {
                    break;
                }

                Hold(id, asked);
                Answered(true);
            }
            catch (EtcdException e)
            {
                LogAway(e.Message);
                Answered(false);
            }
        }

        Volatile.Write(ref _id, 0);
    }

    private void Hold(long id, long asked)
    {
        Volatile.Write(ref _heldUntil, asked + (long)(time.TotalSeconds * clock.TimestampFrequency));
        Volatile.Write(ref _id, id);
    }

    private async Task GiveBackAsync()
    {
        if (Id == 0)
        {
            return;
        }

        try
        {
            await etcd.RevokeLeaseAsync(Id);
        }
        catch (EtcdException)
        {
            // it expires
        }
    }

    [LoggerMessage(LogLevel.Warning, "The lease in etcd has expired; requesting a new one.")]
    private partial void LogEnded();

    [LoggerMessage(LogLevel.Debug, "The lease in etcd could not be renewed: {Reason}")]
    private partial void LogAway(string reason);
}
