using NearbyFriends.LocationCache.Notices;

namespace NearbyFriends.Api.Notices;

/// <summary>Takes deliveries that are due, as far as there is room, and begins each: one whose receiver does not answer holds up no other, until <see cref="AtOnce"/> do.</summary>
/// <remarks>What was taken when this process stops is given back, so that another one need not wait for the lease to end.</remarks>
/// <param name="take">Takes at most so many from the queue.</param>
/// <param name="deliver">Makes one delivery. Whatever it throws ends this delivery only.</param>
/// <param name="giveBack">Makes a delivery due again.</param>
/// <param name="failed">Told of what a delivery threw.</param>
public sealed class DueDeliveries(
    Func<int, Task<IReadOnlyList<NoticeDelivery>>> take, Func<NoticeDelivery, CancellationToken, Task> deliver, Func<NoticeDelivery, Task> giveBack,
    Action<Exception> failed) : IDisposable
{
    /// <summary>Deliveries under way at the same time.</summary>
    public const int AtOnce = 256;

    private readonly SemaphoreSlim _free = new(AtOnce);

    /// <summary>Begins all that is due, or as much as there is room for; for one caller.</summary>
    public async Task BeginAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested && _free.CurrentCount is > 0 and var room && await take(room) is { Count: > 0 } due)
        {
            foreach (var delivery in due)
            {
                await _free.WaitAsync(CancellationToken.None); // there is room: this alone takes it
                _ = RunAsync(delivery, stopping);
            }
        }
    }

    /// <summary>Waits until none is under way; after the last <see cref="BeginAsync"/>.</summary>
    public async Task EndAsync()
    {
        for (var i = 0; i < AtOnce; i++)
        {
            await _free.WaitAsync();
        }
    }

    public void Dispose() => _free.Dispose();

    private async Task RunAsync(NoticeDelivery delivery, CancellationToken stopping)
    {
        try
        {
            await (stopping.IsCancellationRequested ? giveBack(delivery) : DeliverAsync(delivery, stopping));
        }
        catch (Exception e)
        {
            failed(e); // this one is taken again after the lease
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task DeliverAsync(NoticeDelivery delivery, CancellationToken stopping)
    {
        try
        {
            await deliver(delivery, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await giveBack(delivery);
        }
    }
}
