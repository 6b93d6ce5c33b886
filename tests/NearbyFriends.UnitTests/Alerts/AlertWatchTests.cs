using Microsoft.Extensions.Options;
using NearbyFriends.Core;
using NearbyFriends.Gateway.Alerts;
using NearbyFriends.Gateway.Watching;
using NearbyFriends.People;
using NearbyFriends.UnitTests.Sessions;

namespace NearbyFriends.UnitTests.Alerts;

public sealed class AlertWatchTests
{
    private const long Me = 1;
    private const long Friend = 2;
    private const double Kilometre = 0.008993; // degrees of latitude

    private readonly LoneGateway _gateway = new();
    private readonly List<(long Friend, Proximity Proximity)> _told = [];
    private Task<bool> _isTaken = Task.FromResult(true);

    [Fact]
    public void A_friend_is_told_of_when_it_enters_another_range_whoever_moves()
    {
        using var watch = Watch(new() { [Friend] = new(500, 3600) });
        _gateway.Move(Me, 10, 10);

        Place(Friend, 2);
        Place(Friend, 1.9);
        Place(Friend, 0.4);
        Place(Friend, 0.3);
        Place(Me, 3);

        Assert.Equal([(Friend, Proximity.Away), (Friend, Proximity.Near), (Friend, Proximity.Away)], _told);
    }

    [Fact]
    public void Only_the_friends_that_an_alert_is_about_count_and_their_own_distance_comes_before_that_of_anyone()
    {
        using var watch = Watch(new() { [AlertRule.Anyone] = new(5_000, 3600), [Friend] = new(500, 3600) }, Friend, 3);
        Assert.Equal([Me, Friend, 3], watch.WatchedIds);
        _gateway.Move(Me, 10, 10);

        Place(Friend, 2);
        Place(3, 2);

        Assert.Equal([(Friend, Proximity.Away), (3, Proximity.Near)], _told);
        using var other = Watch(new() { [Friend] = new(500, 3600) }, Friend, 3);
        Assert.Equal([Me, Friend], other.WatchedIds);
    }

    [Theory]
    [InlineData(Visibility.Approximate)]
    [InlineData(Visibility.Nothing)]
    public void A_friend_who_does_not_show_its_exact_position_is_never_told_of(Visibility sees)
    {
        using var watch = Watch(new() { [Friend] = new(500, 3600) }, new Dictionary<long, FriendVisibility> { [Friend] = new(sees) }, Friend);
        _gateway.Move(Me, 10, 10);

        Place(Friend, 0.1);

        Assert.Empty(_told);
        Assert.Null(watch.DistanceTo(Friend));
    }

    [Fact]
    public void Who_hides_or_is_inactive_on_either_side_is_not_told_of()
    {
        using var watch = Watch(new() { [Friend] = new(500, 3600) });
        _gateway.Move(Me, 10, 10);
        Place(Friend, 2);
        _told.Clear();

        _gateway.Sharing.Switch(_gateway.Index.Find(Friend)!, 2, sharing: false);
        Place(Me, 1.9);
        _gateway.Advance(_gateway.Presence.InactiveAfter + TimeSpan.FromMinutes(1));
        Place(Friend, 1.9, sharingVersion: 3); // I am inactive

        Assert.Empty(_told);
    }

    [Fact]
    public void What_could_not_be_judged_is_told_with_the_next_move_and_nothing_after_the_end()
    {
        var watch = Watch(new() { [Friend] = new(500, 3600) });
        _gateway.Move(Me, 10, 10);
        _isTaken = Task.FromResult(false);
        Place(Friend, 0.4);
        _isTaken = Task.FromResult(true);
        Place(Friend, 0.3);
        Place(Friend, 0.2);
        Assert.Equal(2, _told.Count);

        watch.Dispose();
        Assert.Null(watch.DistanceTo(Friend));
        Assert.Null(_gateway.Index.Find(Friend));
    }

    [Fact]
    public async Task Who_is_closed_while_it_tells_says_when_that_is_over()
    {
        var telling = new TaskCompletionSource<bool>();
        _isTaken = telling.Task;
        var watch = Watch(new() { [Friend] = new(500, 3600) });
        _gateway.Move(Me, 10, 10);
        Place(Friend, 0.4);

        watch.Dispose();
        Assert.False(watch.Told.IsCompleted);

        telling.SetResult(true);
        await watch.Told.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Single(_told);
    }

    private AlertWatch Watch(Dictionary<long, AlertRule> alerts, params long[] friends) =>
        Watch(alerts, new Dictionary<long, FriendVisibility>(), friends);

    private AlertWatch Watch(Dictionary<long, AlertRule> alerts, IReadOnlyDictionary<long, FriendVisibility> sees, params long[] friends)
    {
        var user = new UserFriends(Me, "Me", new(true, 1, 0), false, 1, friends.Length == 0 ? [Friend] : friends) { Alerts = alerts, Sees = sees };
        return new AlertWatch(user, _gateway.Index, new PresenceWheel(Options.Create(_gateway.Presence), _gateway.Clock), _gateway.Clock, sighting =>
        {
            _told.Add((sighting.FriendId, sighting.Proximity));
            return _isTaken;
        });
    }

    /// <summary>A user is so many kilometres north of where I began, a second later.</summary>
    private void Place(long user, double kilometres, long sharingVersion = 1)
    {
        _gateway.Advance(TimeSpan.FromSeconds(1));
        _gateway.Move(user, 10 + (kilometres * Kilometre), 10, sharingVersion);
    }
}
