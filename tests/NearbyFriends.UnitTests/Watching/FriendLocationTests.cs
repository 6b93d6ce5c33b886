using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Watching;

namespace NearbyFriends.UnitTests.Watching;

public sealed class FriendLocationTests
{
    [Fact]
    public void Time_never_goes_back()
    {
        var location = new FriendLocation(1);

        Assert.True(location.TryMove(1, At(10), 0));
        Assert.False(location.TryMove(1, At(10), 0));
        Assert.False(location.TryMove(1, At(9), 0));
        Assert.True(location.TryMove(1, At(11), 0));
    }

    [Fact]
    public void A_late_update_does_not_show_who_hid()
    {
        var location = new FriendLocation(1);
        location.TryMove(1, At(10), 0);
        Assert.True(location.TrySwitchSharing(2, sharing: false));

        Assert.False(location.TryMove(1, At(20), 0));
        Assert.False(location.TryMove(2, At(20), 0));
        Assert.False(location.Read().HasLocation);

        Assert.True(location.TrySwitchSharing(3, sharing: true));
        Assert.True(location.TryMove(3, At(20), 0));
    }

    [Fact]
    public void A_late_switch_does_not_hide_who_shares_again()
    {
        var location = new FriendLocation(1);
        location.TryMove(3, At(10), 0);

        Assert.False(location.TrySwitchSharing(2, sharing: false));
        Assert.True(location.Read().HasLocation);
    }

    [Fact]
    public void Only_what_is_old_expires_and_the_next_update_brings_it_back()
    {
        var location = new FriendLocation(1);
        location.TryMove(1, At(10), 0);

        Assert.False(location.TryExpire(9));
        Assert.True(location.TryExpire(10));
        Assert.False(location.TryMove(1, At(10), 0));
        Assert.True(location.TryMove(1, At(11), 0));
    }

    [Fact]
    public async Task Readers_never_see_half_a_location()
    {
        var location = new FriendLocation(1);
        using var done = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                var state = location.Read();
                Assert.Equal(state.Location.LatitudeE7, state.Location.LongitudeE7);
                Assert.True(!state.HasLocation || state.Location.Time == state.Location.LatitudeE7);
            }
        }, TestContext.Current.CancellationToken);

        await Task.WhenAll(Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            for (var time = 1; time < 200_000; time++)
            {
                location.TryMove(1, new Location(time, time, time), 0);
            }
        }, TestContext.Current.CancellationToken)));
        await done.CancelAsync();
        await reading;
    }

    private static Location At(long time) => Location.FromDegrees(1, 1, time);
}
