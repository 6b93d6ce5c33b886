using System.Collections.Concurrent;
using NearbyFriends.Api.Notices;
using NearbyFriends.LocationCache.Notices;

namespace NearbyFriends.UnitTests.Alerts;

/// <summary>Which deliveries are begun, and what becomes of them when the Api stops; without a queue and receivers.</summary>
public sealed class DueDeliveriesTests : IDisposable
{
    private readonly Queue<NoticeDelivery> _due = [];
    private readonly List<string> _delivered = [];
    private readonly ConcurrentQueue<string> _givenBack = []; // by what runs when it stops, too
    private readonly List<Exception> _failures = [];
    private readonly TaskCompletionSource _receiver = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly DueDeliveries _deliveries;
    private int _taken;

    public DueDeliveriesTests() => _deliveries = new(TakeAsync, DeliverAsync, GiveBackAsync, _failures.Add);

    public void Dispose()
    {
        _deliveries.Dispose();
        _stopping.Dispose();
    }

    [Fact]
    public async Task A_receiver_that_hangs_holds_up_no_other_and_one_that_fails_neither()
    {
        Add("hangs", "fails", "takes");

        await _deliveries.BeginAsync(_stopping.Token);
        Add("takes later");
        await _deliveries.BeginAsync(_stopping.Token);

        Assert.Equal(["takes", "takes later"], _delivered);
        Assert.Single(_failures);
    }

    [Fact]
    public async Task No_more_are_taken_than_there_is_room_for()
    {
        for (var i = 0; i < DueDeliveries.AtOnce + 1; i++)
        {
            Add("hangs");
        }

        await _deliveries.BeginAsync(_stopping.Token);
        Assert.Equal(DueDeliveries.AtOnce, _taken);

        _receiver.SetResult();
        await _deliveries.BeginAsync(_stopping.Token);
        Assert.Equal(DueDeliveries.AtOnce + 1, _taken);
    }

    [Fact]
    public async Task Who_stops_takes_nothing_and_gives_back_what_it_took_and_did_not_send()
    {
        Add("hangs", "stops", "not begun");

        await _deliveries.BeginAsync(_stopping.Token);
        Add("not taken");
        await _deliveries.BeginAsync(_stopping.Token);

        await _deliveries.EndAsync();
        Assert.Equal(["hangs", "not begun"], _givenBack.Order());
        Assert.Equal(["stops"], _delivered);
        Assert.Single(_due);
    }

    private void Add(params string[] receivers)
    {
        foreach (var receiver in receivers)
        {
            _due.Enqueue(new(new(NoticeKind.Alert, "1", UserId: 1, OtherId: 2, Time: 0), receiver));
        }
    }

    private Task<IReadOnlyList<NoticeDelivery>> TakeAsync(int max)
    {
        var taken = new List<NoticeDelivery>();
        while (taken.Count < max && _due.TryDequeue(out var delivery))
        {
            taken.Add(delivery);
        }

        _taken += taken.Count;
        return Task.FromResult<IReadOnlyList<NoticeDelivery>>(taken);
    }

    private async Task DeliverAsync(NoticeDelivery delivery, CancellationToken cancellationToken)
    {
        switch (delivery.To)
        {
            case "hangs":
                await _receiver.Task.WaitAsync(cancellationToken);
                break;
            case "fails":
                throw new InvalidOperationException();
            case "stops":
                await _stopping.CancelAsync();
                break;
        }

        _delivered.Add(delivery.To!);
    }

    private Task GiveBackAsync(NoticeDelivery delivery)
    {
        _givenBack.Enqueue(delivery.To!);
        return Task.CompletedTask;
    }
}
