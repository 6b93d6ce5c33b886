using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Strangers;

namespace NearbyFriends.UnitTests.Strangers;

public sealed class StrangerWatchTests
{
    private const long Me = 1;
    private const long Bo = 2;
    private const double Kilometre = 1 / 111.195;

    private readonly LoneCity _city = new();
    private readonly LoneCity.Viewer _viewer;

    public StrangerWatchTests() => _viewer = _city.Look(Me, LoneCity.Latitude, LoneCity.Longitude);

    [Fact]
    public void The_question_is_answered_also_when_nobody_is_there()
    {
        Assert.Equal("asked", _viewer.Last.GetProperty("ref").GetString());
        Assert.Equal(0, _viewer.Last.GetProperty("total").GetInt32());
        Assert.Null(_viewer.LookAgain());
    }

    [Fact]
    public void Who_walks_about_in_a_square_moves_in_time_only_and_is_named_once()
    {
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        var came = _viewer.LookAgain()!.Value.GetProperty("people")[0];

        _city.Move([Bo], LoneCity.Latitude + (Kilometre / 100), LoneCity.Longitude);
        var moved = _viewer.LookAgain()!.Value.GetProperty("people")[0];

        Assert.Equal("User 2", came.GetProperty("name").GetString());
        Assert.False(moved.TryGetProperty("name", out _));
        Assert.Equal(came.GetProperty("id").GetString(), moved.GetProperty("id").GetString());
        Assert.Equal(came.GetProperty("lat").GetDouble(), moved.GetProperty("lat").GetDouble());
        Assert.True(moved.GetProperty("time").GetInt64() > came.GetProperty("time").GetInt64());
    }

    [Fact]
    public void A_session_that_ended_while_its_blocks_were_read_leaves_no_watch_behind()
    {
        _viewer.IsClosed = true; // and nobody closed its watch, which it did not have then

        Assert.False(_viewer.Strangers!.Look());
        Assert.Equal(0, _city.Map.CellCount);
    }

    [Fact]
    public void A_wall_clock_that_steps_back_a_minute_delays_no_look()
    {
        _city.Looks.Add(_viewer.Strangers!);
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        _city.Clock.Wrong = -TimeSpan.FromMinutes(1);

        _city.Clock.Advance(new StrangerOptions().RefreshEvery + TimeSpan.FromSeconds(1));
        _city.Looks.Turn();

        Assert.Equal(1, _viewer.Last.GetProperty("total").GetInt32());
    }

    [Fact]
    public void Who_hides_from_strangers_is_gone_and_a_late_frame_brings_nobody_back()
    {
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude, strangersVersion: 3);
        var id = _viewer.LookAgain()!.Value.GetProperty("people")[0].GetProperty("id").GetString();

        Assert.True(_city.Map.Hide(StrangerLocation.Hidden(Bo, 0, strangersVersion: 4)));
        Assert.False(_city.Map.Hide(StrangerLocation.Hidden(Bo, 0, strangersVersion: 4)));
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude, strangersVersion: 3);

        Assert.Equal(id, _viewer.LookAgain()!.Value.GetProperty("left")[0].GetString());
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude, strangersVersion: 5);
        Assert.Equal(1, _viewer.LookAgain()!.Value.GetProperty("total").GetInt32());
    }

    [Fact]
    public void Who_stops_sharing_is_gone_to_strangers_too()
    {
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        _viewer.LookAgain();

        _city.Map.Hide(StrangerLocation.Hidden(Bo, sharingVersion: 2, 0));
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude, sharingVersion: 1);

        Assert.Equal(0, _viewer.LookAgain()!.Value.GetProperty("total").GetInt32());
        Assert.True(_city.Hidden.IsHidden(Bo, 2)); // to friends on this gateway as well
    }

    [Fact]
    public void Sharing_that_has_an_end_ends_for_strangers_too()
    {
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude, until: _city.Clock.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds());
        Assert.Equal(1, _viewer.LookAgain()!.Value.GetProperty("total").GetInt32());

        _city.Clock.Advance(TimeSpan.FromMinutes(1));
        _city.Map.Sweep();

        Assert.Equal(0, _viewer.LookAgain()!.Value.GetProperty("total").GetInt32());
    }

    [Fact]
    public void Who_was_heard_of_last_ten_minutes_ago_is_gone()
    {
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        _viewer.LookAgain();
        _city.Clock.Advance(TimeSpan.FromMinutes(10));
        _city.Map.Sweep();

        Assert.Equal(0, _viewer.LookAgain()!.Value.GetProperty("total").GetInt32());
        Assert.Equal(0, _city.Map.Count);
    }

    [Fact]
    public void Who_walks_takes_the_circle_along()
    {
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        _viewer.LookAgain();

        _viewer.MoveTo(LoneCity.Latitude + (100 * Kilometre), LoneCity.Longitude);
        Assert.Equal(1, _viewer.LookAgain()!.Value.GetProperty("left").GetArrayLength());
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        Assert.Equal(0, _city.Map.Count); // nobody looks there any more

        _city.Move([Bo], LoneCity.Latitude + (101 * Kilometre), LoneCity.Longitude);
        Assert.Equal(1, _viewer.LookAgain()!.Value.GetProperty("total").GetInt32());
    }

    [Fact]
    public void Who_consents_no_more_sees_nobody_and_watches_no_cell()
    {
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        _viewer.LookAgain();
        var list = _viewer.Last.GetProperty("list").GetInt32();

        _viewer.StrangerConsent.Switch(2, isGiven: false);

        var message = _viewer.LookAgain()!.Value;
        Assert.Equal((list + 1, 0), (message.GetProperty("list").GetInt32(), message.GetProperty("total").GetInt32()));
        Assert.Equal((0, 0), (_city.Map.Count, _city.Map.CellCount));
        Assert.Null(_viewer.LookAgain());
    }

    [Fact]
    public void What_happened_while_the_client_took_nothing_is_one_message()
    {
        _viewer.IsReadyForMore = false;
        for (var id = Bo; id < Bo + 10; id++)
        {
            _city.Move([id], LoneCity.Latitude, LoneCity.Longitude);
            Assert.Null(_viewer.LookAgain());
        }

        _viewer.IsReadyForMore = true;

        Assert.Equal(10, _viewer.LookAgain()!.Value.GetProperty("people").GetArrayLength());
    }

    [Fact]
    public void Who_becomes_a_friend_or_blocks_is_no_stranger_any_more()
    {
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        _viewer.LookAgain();

        _viewer.Strangers!.Exclude(Bo);

        Assert.Equal(0, _viewer.LookAgain()!.Value.GetProperty("total").GetInt32());
    }

    [Fact]
    public void Another_viewer_and_another_day_know_a_stranger_by_another_id()
    {
        var other = _city.Look(3, LoneCity.Latitude, LoneCity.Longitude);
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        var ids = new List<string?> { IdOfBo(_viewer), IdOfBo(other) };

        _city.Clock.Advance(TimeSpan.FromDays(1));
        _viewer.MoveTo(LoneCity.Latitude, LoneCity.Longitude);
        _city.Move([Bo], LoneCity.Latitude, LoneCity.Longitude);
        var list = _viewer.Last.GetProperty("list").GetInt32();
        ids.Add(IdOfBo(_viewer));

        Assert.Equal(list + 1, _viewer.Last.GetProperty("list").GetInt32());
        Assert.Equal(3, ids.Distinct().Count());
        Assert.DoesNotContain(UserId.Format(Bo), ids);

        static string? IdOfBo(LoneCity.Viewer viewer) => viewer.LookAgain()!.Value.GetProperty("people")[0].GetProperty("id").GetString();
    }

    [Fact]
    public void Who_ends_it_or_leaves_is_told_nothing_more_and_watches_no_cell()
    {
        _viewer.Strangers!.Show(0, [], "end");
        Assert.Equal("end", _viewer.Last.GetProperty("ref").GetString());
        Assert.Equal(0, _city.Map.CellCount);

        _viewer.Strangers.Show(1_000, [], null);
        Assert.NotEqual(0, _city.Map.CellCount);
        _viewer.Strangers.Close();
        Assert.False(_viewer.Strangers.Look());
        Assert.Equal(0, _city.Map.CellCount);
    }
}
