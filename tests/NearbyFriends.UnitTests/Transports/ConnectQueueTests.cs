using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NearbyFriends.Gateway;
using NearbyFriends.Gateway.Transports;

namespace NearbyFriends.UnitTests.Transports;

public sealed class ConnectQueueTests
{
    [Fact]
    public async Task A_storm_is_served_in_order_and_who_comes_too_late_is_refused_at_once()
    {
        using var queue = new ConnectQueue(Options.Create(new GatewayOptions { ConnectsAtOnce = 1, ConnectsWaiting = 2 }));
        var first = await EnterAsync(queue);
        var (second, third) = (EnterAsync(queue), EnterAsync(queue));

        Assert.Null(await EnterAsync(queue));
        Assert.False(second.IsCompleted || third.IsCompleted);
        first!.Dispose();
        using (Assert.IsType<IDisposable>(await second, exactMatch: false))
        {
            Assert.False(third.IsCompleted);
        }

        Assert.NotNull(await third);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_nobodys_turn()
    {
        using var queue = new ConnectQueue(Options.Create(new GatewayOptions { ConnectsAtOnce = 1 }));
        var first = await EnterAsync(queue);
        using var gone = new CancellationTokenSource();
        var second = queue.EnterAsync(new DefaultHttpContext { RequestAborted = gone.Token }).AsTask();
        var third = EnterAsync(queue);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first!.Dispose();

        Assert.NotNull(await third);
    }

    private static Task<IDisposable?> EnterAsync(ConnectQueue queue) => queue.EnterAsync(new DefaultHttpContext()).AsTask();
}
