using NearbyFriends.Client.Lists;
using NearbyFriends.Client.Locations;
using NearbyFriends.Client.Wire;

namespace NearbyFriends.UnitTests.Client;

public sealed class ListTests
{
    private readonly List<ListChange> _changes = [];
    private readonly NearbyList _list;
    private long _now = 1_000_000;

    public ListTests()
    {
        _list = new(new Lock(), () => _now);
        _list.SetInactiveAfter(600_000);
    }

    [Fact]
    public void Page_one_replaces_everything_and_is_sorted_by_distance()
    {
        _list.Apply(Page(1, 1, Friend(1, 0.01), Friend(2, 0.02)), _changes);
        _list.Apply(Page(2, 1, Friend(4, 0.04), Friend(3, 0.03)), _changes);

        Assert.Equal([3, 4], _list.Friends.Select(friend => friend.Id));
        Assert.Equal([ListChangeKind.Replaced, ListChangeKind.Replaced], _changes.Select(change => change.Kind));
    }

    [Fact]
    public void Moved_and_left_are_applied_to_their_own_list_only()
    {
        _list.Apply(Page(2, 1, Friend(1, 0.01), Friend(2, 0.02)), _changes);
        _changes.Clear();

        _list.Apply(new FriendsMessage { List = 1, Left = [new() { Id = 1, Reason = "gone" }] }, _changes);
        Assert.Empty(_changes);

        _list.Apply(
            new FriendsMessage
            {
                List = 2,
                Total = 2,
                Moved = [Friend(3, 0.005)],
                Left = [new() { Id = 1, Reason = "away" }, new() { Id = 9, Reason = "gone" }],
            },
            _changes);

        Assert.Equal([3, 2], _list.Friends.Select(friend => friend.Id));
        Assert.Equal([(ListChangeKind.Added, 3L), (ListChangeKind.Left, 1L)], _changes.Select(change => (change.Kind, change.Friend.Id)));
        Assert.Equal(LeaveReason.Away, _changes[1].Reason);
    }

    [Fact]
    public void A_friend_expires_at_its_time_plus_inactive_after_and_is_reported_once()
    {
        _list.Apply(Page(1, 1, Friend(1, 0.01, time: 500_000), Friend(2, 0.02, time: 700_000)), _changes);
        _changes.Clear();

        _now = 1_099_999;
        _list.Expire(_changes);
        Assert.Equal(2, _list.Friends.Count);

        _now = 1_100_000;
        Assert.Equal([2], _list.Friends.Select(friend => friend.Id));
        _list.Expire(_changes);
        _list.Expire(_changes);
        _list.Apply(new FriendsMessage { List = 1, Total = 1, Left = [new() { Id = 1, Reason = "gone" }] }, _changes);

        var left = Assert.Single(_changes);
        Assert.Equal((1, LeaveReason.Gone), (left.Friend.Id, left.Reason));
    }

    [Fact]
    public void A_friend_seen_again_expires_later()
    {
        _list.Apply(Page(1, 1, Friend(1, 0.01, time: 500_000)), _changes);
        _list.Apply(Moved(Friend(1, 0.01, time: 1_000_000)), _changes);

        _now = 1_599_999;
        _list.Expire(_changes);
        Assert.NotNull(_list.Find(1));

        _now = 1_600_000;
        _list.Expire(_changes);
        Assert.Null(_list.Find(1));
    }

    [Fact]
    public void Distances_are_recomputed_as_one_moves_oneself_across_the_antimeridian()
    {
        _list.Apply(Page(1, 1, Friend(1, 0, longitude: 179.99), Friend(2, 0, longitude: -179.99)), _changes);
        _list.MoveTo(new(0, -179.98, 1), _changes);

        Assert.Equal([2, 1], _list.Friends.Select(friend => friend.Id));
        Assert.Equal(0.01 * Math.PI / 180 * Location.EarthRadiusMetres, _list.Find(2)!.Value.Distance, 3);
        Assert.Equal(0.03 * Math.PI / 180 * Location.EarthRadiusMetres, _list.Find(1)!.Value.Distance, 3);
        Assert.Equal(ListChangeKind.Distances, _changes[^1].Kind);
    }

    [Fact]
    public void Any_sequence_of_changes_leaves_what_a_plain_model_holds()
    {
        var random = new Random(42);
        var model = new Dictionary<long, (double Latitude, long Time)>();
        long number = 1;
        _list.Apply(Page(number, 1), _changes);
        for (var step = 0; step < 5_000; step++)
        {
            _now += random.Next(2_000);
            var id = random.Next(30);
            var entry = Friend(id, random.NextDouble() / 10, time: _now - random.Next(300_000));
            switch (random.Next(10))
            {
                case 0:
                    _list.Apply(new FriendsMessage { List = number, Left = [new() { Id = id, Reason = "away" }] }, _changes);
                    model.Remove(id);
                    break;
                case 1 when random.Next(20) == 0:
                    var kept = model.TryGetValue(id, out var known) && known.Time > entry.Time ? known : (entry.Lat, entry.Time);
                    _list.Apply(Page(++number, 1, entry), _changes);
                    model = new() { [id] = kept };
                    break;
                case 2:
                    _list.Expire(_changes);
                    break;
                default:
                    _list.Apply(new FriendsMessage { List = number, Moved = [entry] }, _changes);
                    if (!model.TryGetValue(id, out var before) || before.Time <= entry.Time)
                    {
                        model[id] = (entry.Lat, entry.Time);
                    }

                    break;
            }

            // An expired entry is forgotten, together with its time.
            model = model.Where(pair => pair.Value.Time + 600_000 > _now).ToDictionary();
            _list.Expire(_changes);
            Assert.Equal(
                model.OrderBy(pair => pair.Value.Latitude).ThenBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value.Latitude, pair.Value.Time)),
                _list.Friends.Select(friend => (friend.Id, friend.Latitude, friend.Time)));
            _changes.Clear();
        }
    }

    private FriendsMessage Moved(params FriendEntry[] moved) => new() { List = 1, Total = moved.Length, Moved = moved };

    private static NearbyMessage Page(long list, int page, params FriendEntry[] friends) =>
        new() { List = list, Page = page, Friends = friends, Total = friends.Length };

    private static FriendEntry Friend(long id, double latitude, long time = 900_000, double longitude = 0, string? name = "friend") =>
        new()
        {
            Id = id,
            Name = name is null ? null : $"{name} {id}",
            Lat = latitude,
            Lon = longitude,
            Time = time,
            Distance = latitude * Math.PI / 180 * Location.EarthRadiusMetres,
        };
}
