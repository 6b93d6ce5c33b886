using System.Text.Json;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>What a client is told, without a socket and a server.</summary>
public sealed class SessionTests
{
    private const long Me = 1;
    private const long Bo = 2;
    private const long Cy = 3;
    private const double Latitude = 37.77;
    private const double Longitude = -122.42;
    private const double Kilometre = 1 / 111.195; // degrees of latitude
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private readonly LoneGateway _gateway = new();
    private readonly RecordingClient _client = new();

    [Fact]
    public void A_list_has_the_friends_inside_the_radius_the_nearest_first()
    {
        using var session = new Opened(_gateway, _client, Me, Bo, Cy, 4);
        _gateway.Move(Bo, Latitude + (5 * Kilometre), Longitude);
        _gateway.Move(Cy, Latitude + Kilometre, Longitude);
        _gateway.Move(4, Latitude + (9 * Kilometre), Longitude);

        session.Session.OpenList("first");

        Assert.Equal("first", _client.Last.GetProperty("ref").GetString());
        Assert.Equal([Cy, Bo], Ids(_client.Last.GetProperty("friends")));
        Assert.Equal(2, _client.Last.GetProperty("total").GetInt32());
    }

    [Fact]
    public void A_friends_accuracy_is_told_with_its_place_where_the_device_told_one()
    {
        using var session = new Opened(_gateway, _client, Me, Bo, Cy);
        _gateway.Move(Bo, Latitude, Longitude, accuracy: 12);
        _gateway.Move(Cy, Latitude, Longitude);
        session.Session.OpenList(null);
        var listed = _client.Last.GetProperty("friends").EnumerateArray().ToDictionary(friend => friend.GetProperty("id").GetString()!);
        Assert.Equal(12, listed[$"{Bo}"].GetProperty("accuracy").GetInt32());
        Assert.False(listed[$"{Cy}"].TryGetProperty("accuracy", out _));

        _gateway.Advance(Pace);
        _gateway.Move(Bo, Latitude + Kilometre, Longitude, accuracy: 30);

        Assert.Equal(30, _client.Last.GetProperty("moved")[0].GetProperty("accuracy").GetInt32());
    }

    [Fact]
    public void A_message_counts_as_received_once_the_client_was_heard_of_after_it_left()
    {
        var (session, received) = (_gateway.Open(Me, [], _client), 0);
        _client.HoldUp();
        session.Send(session.Format.FriendRemoved(Bo));
        session.Send(session.Format.FriendRemoved(Cy), whenReceived: () => received++);

        _client.Answer(); // the message waits yet
        _client.GoOn();
        var before = received;
        _client.Answer();
        _client.Answer();

        Assert.Equal((0, 1), (before, received));
    }

    [Fact]
    public async Task A_change_of_friends_that_throws_does_not_end_those_after_it()
    {
        var (session, changes) = (_gateway.Open(Me, [], _client), new List<int>());

        var first = session.ChangeFriendsAsync(() => throw new InvalidOperationException());
        var second = session.ChangeFriendsAsync(async () =>
        {
            changes.Add(2);
            await Task.Yield();
            throw new InvalidOperationException();
        });
        var third = session.ChangeFriendsAsync(() =>
        {
            changes.Add(3);
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        await Assert.ThrowsAsync<InvalidOperationException>(() => second);
        await third;
        Assert.Equal([2, 3], changes);
    }

    [Fact]
    public void Without_a_location_of_the_user_there_is_no_list_until_one_comes()
    {
        var session = _gateway.Open(Me, [Bo], _client);

        Assert.False(session.OpenList(null));
        Assert.Empty(_client.Received);

        _gateway.Move(Me, Latitude, Longitude);

        Assert.Equal(["nearby"], _client.Types());
    }

    [Fact]
    public void What_several_friends_do_within_the_pace_is_one_message()
    {
        using var session = new Opened(_gateway, _client, Me, Bo, Cy);
        session.Session.OpenList(null);
        _gateway.Move(Bo, Latitude, Longitude); // the first change leaves at once
        _gateway.Move(Cy, Latitude, Longitude);
        _gateway.Advance(TimeSpan.FromMilliseconds(100));
        _gateway.Move(Bo, Latitude + Kilometre, Longitude);
        Assert.Equal(["nearby", "friends"], _client.Types());

        _gateway.Advance(Pace);

        Assert.Equal(["nearby", "friends", "friends"], _client.Types());
        Assert.Equal([Bo, Cy], Ids(_client.Last.GetProperty("moved")).Order());
    }

    [Fact]
    public void A_flush_between_a_friends_hiding_and_the_word_of_it_has_no_place_for_that_friend()
    {
        using var session = new Opened(_gateway, _client, Me, Bo, Cy);
        _gateway.Move(Cy, Latitude, Longitude);
        session.Session.OpenList(null);
        _gateway.Advance(TimeSpan.FromMilliseconds(100));
        _gateway.Move(Cy, Latitude + Kilometre, Longitude); // leaves at once, so that the next waits for the pace
        _gateway.Advance(TimeSpan.FromMilliseconds(100));
        _gateway.Move(Cy, Latitude, Longitude);
        _gateway.Move(Bo, Latitude, Longitude);
        _gateway.Index.Find(Bo)!.TrySwitchSharing(2, sharing: false);

        _gateway.Advance(Pace);

        Assert.Equal([Cy], Ids(_client.Last.GetProperty("moved")));
    }

    [Fact]
    public void A_friend_who_leaves_the_radius_is_told_once_as_away()
    {
        using var session = new Opened(_gateway, _client, Me, Bo);
        _gateway.Move(Bo, Latitude, Longitude);
        session.Session.OpenList(null);

        _gateway.Advance(Pace);
        _gateway.Move(Bo, Latitude + (20 * Kilometre), Longitude);
        _gateway.Advance(Pace);
        _gateway.Move(Bo, Latitude + (21 * Kilometre), Longitude);
        _gateway.Advance(Pace);

        Assert.Equal(["nearby", "friends"], _client.Types());
        Assert.Equal(["2 away"], Left(_client.Last));
        Assert.Equal(0, _client.Last.GetProperty("total").GetInt32());
    }

    [Fact]
    public void A_friend_who_sends_nothing_for_ten_minutes_is_gone()
    {
        using var session = new Opened(_gateway, _client, Me, Bo);
        _gateway.Move(Bo, Latitude, Longitude);
        session.Session.OpenList(null);
        _gateway.Advance(TimeSpan.FromMinutes(9));
        _gateway.Move(Me, Latitude, Longitude);

        _gateway.Advance(TimeSpan.FromSeconds(61));
        _gateway.Advance(Pace);

        Assert.Equal(["2 gone"], Left(_client.Last));
    }

    [Fact]
    public void A_friend_who_hides_between_an_update_and_its_flush_is_gone_and_no_location_is_told()
    {
        using var session = new Opened(_gateway, _client, Me, Bo, Cy);
        _gateway.Move(Bo, Latitude, Longitude);
        session.Session.OpenList(null);
        _gateway.Move(Cy, Latitude, Longitude);
        _gateway.Advance(TimeSpan.FromMilliseconds(100));
        _gateway.Move(Bo, Latitude + Kilometre, Longitude);

        // The word to the watchers is still under way when the pace allows a flush.
        _gateway.Index.Find(Bo)!.TrySwitchSharing(2, sharing: false);
        _gateway.Advance(Pace);

        Assert.Empty(_client.Last.GetProperty("moved").EnumerateArray());
        Assert.Equal(["2 gone"], Left(_client.Last));
        Assert.Equal(1, _client.Last.GetProperty("total").GetInt32());
    }

    [Fact]
    public void A_slow_client_gets_one_message_with_the_latest_place_of_each_friend()
    {
        using var session = new Opened(_gateway, _client, Me, Bo, Cy);
        session.Session.OpenList(null);
        _client.HoldUp();
        _gateway.Move(Bo, Latitude, Longitude); // this message stays under way
        for (var step = 1; step <= 10; step++)
        {
            _gateway.Advance(Pace);
            _gateway.Move(Bo, Latitude + (step * 0.1 * Kilometre), Longitude);
            _gateway.Move(Cy, Latitude + (step * 0.1 * Kilometre), Longitude);
        }

        _gateway.Advance(Pace);
        Assert.Equal(["nearby", "friends"], _client.Types());
        _client.GoOn();

        Assert.Equal(["nearby", "friends", "friends"], _client.Types());
        Assert.All(_client.Last.GetProperty("moved").EnumerateArray(), friend => Assert.Equal(Latitude + Kilometre, friend.GetProperty("lat").GetDouble(), 6));
        Assert.Equal(2, _client.Last.GetProperty("moved").GetArrayLength());
    }

    [Fact]
    public void A_client_that_takes_nothing_is_stuck()
    {
        using var session = new Opened(_gateway, _client, Me, Bo);
        _client.HoldUp();
        session.Session.OpenList(null);
        var since = _gateway.Clock.MonotonicMilliseconds();

        _gateway.Advance(TimeSpan.FromSeconds(1));

        Assert.False(session.Session.IsStuck(since));
        Assert.True(session.Session.IsStuck(since + 1));
    }

    [Fact]
    public void Which_session_was_heard_of_last_is_known_within_a_millisecond()
    {
        using var first = new Opened(_gateway, _client, Me, Bo);
        using var second = new Opened(_gateway, new RecordingClient(), Me, Bo);

        _gateway.Advance(TimeSpan.FromMicroseconds(1));
        first.Session.Heard();

        Assert.True(first.Session.HeardAt > second.Session.HeardAt);
    }

    [Fact]
    public void Who_stops_sharing_while_its_list_waits_for_names_gets_an_empty_one()
    {
        var gateway = new LoneGateway(names: new SlowFriendSource());
        using var session = new Opened(gateway, _client, Me, Bo);
        gateway.Move(Bo, Latitude, Longitude);
        gateway.Index.Find(Bo)!.DisplayName = null;
        session.Session.OpenList("first");
        Assert.Empty(_client.Types());

        session.Session.OwnSharingSwitched(sharing: false, until: 0);

        Assert.Equal(["sharing", "nearby"], _client.Types());
        Assert.Equal((0, "first"), (_client.Last.GetProperty("total").GetInt32(), _client.Last.GetProperty("ref").GetString()));
    }

    [Fact]
    public void A_new_list_comes_before_its_changes()
    {
        using var session = new Opened(_gateway, _client, Me, Bo, Cy);
        session.Session.OpenList(null);
        _client.HoldUp();
        _gateway.Move(Bo, Latitude, Longitude);
        session.Session.SetRadius(1_000, "closer");
        _gateway.Move(Cy, Latitude, Longitude);
        _gateway.Advance(Pace);

        _client.GoOn();

        Assert.Equal(["nearby", "friends", "nearby", "friends"], _client.Types());
        Assert.Equal([1, 1, 2, 2], _client.Received.Select(message => message.GetProperty("list").GetInt32()));
    }

    [Fact]
    public void In_the_background_nothing_is_pushed_and_the_foreground_begins_with_a_list()
    {
        using var session = new Opened(_gateway, _client, Me, Bo);
        session.Session.OpenList(null);
        session.Session.Background();

        _gateway.Move(Bo, Latitude, Longitude);
        _gateway.Advance(Pace);
        Assert.Equal(["nearby"], _client.Types());

        session.Session.Foreground("back");

        Assert.Equal([Bo], Ids(_client.Last.GetProperty("friends")));
        Assert.Equal("back", _client.Last.GetProperty("ref").GetString());
    }

    [Fact]
    public void Who_hides_sees_nobody()
    {
        using var session = new Opened(_gateway, _client, Me, Bo);
        _gateway.Move(Bo, Latitude, Longitude);
        session.Session.OpenList(null);

        _gateway.Sharing.Switch(session.Session.Own, 2, sharing: false);
        _gateway.Move(Bo, Latitude + Kilometre, Longitude);
        _gateway.Advance(Pace);

        Assert.Equal(["nearby", "sharing", "nearby"], _client.Types());
        Assert.Equal(0, _client.Last.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_page_names_a_snapshot_for_five_minutes()
    {
        var friends = Enumerable.Range(2, 25).Select(id => (long)id).ToArray();
        using var session = new Opened(_gateway, _client, Me, friends);
        foreach (var friend in friends)
        {
            _gateway.Move(friend, Latitude + (friend * 0.01 * Kilometre), Longitude);
        }

        session.Session.OpenList(null);
        var cursor = _client.Last.GetProperty("cursor").GetString()!;

        Assert.True(await session.Session.SendPageAsync(cursor, "more"));
        Assert.Equal(friends[20..], Ids(_client.Last.GetProperty("friends")));
        Assert.Equal(JsonValueKind.Null, _client.Last.GetProperty("cursor").ValueKind);

        _gateway.Advance(TimeSpan.FromMinutes(5));

        Assert.False(await session.Session.SendPageAsync(cursor, "late"));
        Assert.False(await session.Session.SendPageAsync("no cursor", null));
    }

    [Fact]
    public void A_former_friend_leaves_the_list_and_a_new_one_comes_after_the_word_of_the_friendship()
    {
        using var session = new Opened(_gateway, _client, Me, Bo);
        _gateway.Move(Bo, Latitude, Longitude);
        session.Session.OpenList(null);

        session.Session.RemoveFriend(Bo, tellClient: true);
        Assert.Equal(["nearby", "friendRemoved", "friends"], _client.Types());
        Assert.Equal(["2 gone"], Left(_client.Last));

        session.Session.AddFriend(Cy);
        _gateway.Move(Cy, Latitude, Longitude);
        session.Session.AnnounceFriend(_gateway.Index.Find(Cy)!);
        _gateway.Advance(Pace);

        Assert.Equal(["nearby", "friendRemoved", "friends", "friendAdded", "friends"], _client.Types());
        Assert.Equal([Cy], Ids(_client.Last.GetProperty("moved")));
    }

    /// <summary>
    /// A friend is tested without the session's lock while the watcher moves: whoever comes last must see the other, or a
    /// friend would stay on the map, or off it, until the next move.
    /// </summary>
    [Fact]
    public async Task Two_who_move_at_once_end_up_seeing_each_other_exactly_when_they_are_near()
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var session = new Opened(_gateway, _client, Me, Bo);
        var friend = _gateway.Index.Find(Bo)!;
        friend.DisplayName = "Bo";
        session.Session.FlushEveryMs = 0;
        session.Session.OpenList(null);
        using var together = new Barrier(2);
        for (var round = 1; round <= 5_000; round++)
        {
            var (time, own, theirs) = (_gateway.Now + round, round / 3 % 2, round / 5 % 2);
            var ownMove = Task.Run(() =>
            {
                together.SignalAndWait();
                session.Session.Own.TryMove(1, At(own, time), 0);
                session.Session.OwnMoved();
            }, cancelled);
            var friendMove = Task.Run(() =>
            {
                together.SignalAndWait();
                friend.TryMove(1, At(theirs, time), 0);
                session.Session.FriendMoved(0, friend, At(theirs, time));
            }, cancelled);
            await Task.WhenAll(ownMove, friendMove);

            Assert.Equal(own == theirs, _client.Last.GetProperty("total").GetInt32() > 0);
        }
    }

    private static Location At(int place, long time) => Location.FromDegrees(Latitude + (place * 100 * Kilometre), Longitude, time);

    private static long[] Ids(JsonElement friends) => [.. friends.EnumerateArray().Select(friend => long.Parse(friend.GetProperty("id").GetString()!))];

    private static string[] Left(JsonElement message) =>
        [.. message.GetProperty("left").EnumerateArray().Select(friend => $"{friend.GetProperty("id").GetString()} {friend.GetProperty("reason").GetString()}")];

    /// <summary>It never answers who asks for names.</summary>
    private sealed class SlowFriendSource : NoFriendSource
    {
        public override Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
            new TaskCompletionSource<IReadOnlyDictionary<long, string>>().Task;
    }

    /// <summary>A session whose user is at the centre.</summary>
    private sealed class Opened : IDisposable
    {
        public Opened(LoneGateway gateway, RecordingClient client, long user, params long[] friends)
        {
            Session = gateway.Open(user, friends, client);
            gateway.Move(user, Latitude, Longitude);
        }

        public Session Session { get; }

        public void Dispose() => Session.Leave();
    }
}
