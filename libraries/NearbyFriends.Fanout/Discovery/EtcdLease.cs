using Microsoft.Extensions.Logging;

namespace NearbyFriends.Fanout.Discovery;

/// <summary>Keeps a lease alive for as long as this process lives; when one has ended, takes another.</summary>
/// <param name="etcd">Where.</param>
/// <param name="time">Renewed three times in it; not renewed for so long, it ends and its keys with it.</param>
/// <param name="granted">Called with each new lease, before its first renewal: the place to set the keys that live with it.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Where losses are told.</param>
public sealed partial class EtcdLease(
    EtcdClient etcd, TimeSpan time, Func<long, CancellationToken, Task> granted, TimeProvider clock, ILogger logger)
{
    private readonly Backoff _backoff = new(clock);
    private long _id;
    private long _heldUntil;

    /// <summary>The lease; 0 while there is none.</summary>
    public long Id => Volatile.Read(ref _id);

    /// <summary>Whether it surely lives: counted from before the last renewal was asked for, so never longer than etcd counts.</summary>
    public bool IsHeld => Id != 0 && clock.GetTimestamp() < Volatile.Read(ref _heldUntil);

    /// <summary>Called with whether etcd answered, each time it was asked.</summary>
    public Action<bool> Answered { get; init; } = static _ => { };

    /// <summary>Runs until it is stopped; then the lease is given back, and its keys are gone at once.</summary>
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

    /// <summary>Renews until etcd says that the lease has ended. While etcd is away the lease may live on, so it is asked for.</summary>
    private async Task KeepAsync(long id, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(time / 3, clock, cancellationToken);
            var asked = clock.GetTimestamp();
            try
            {
                if (!await etcd.RenewLeaseAsync(id, cancellationToken))
                    break;

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
            return;

        try
        {
            await etcd.RevokeLeaseAsync(Id);
        }
        catch (EtcdException)
        {
            // it ends by itself
        }
    }

    [LoggerMessage(LogLevel.Warning, "The lease in etcd has ended; another is taken.")]
    private partial void LogEnded();

    [LoggerMessage(LogLevel.Debug, "The lease in etcd could not be renewed: {Reason}")]
    private partial void LogAway(string reason);
}
