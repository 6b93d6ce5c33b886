using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>Sharing that ends by itself, on a gateway to which nobody says that it has.</summary>
public sealed class TimedSharingTests : IDisposable
{
    private const long Me = 1;
    private const long Bo = 2;
    private const double Latitude = 37.77;
    private const double Longitude = -122.42;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly LoneGateway _gateway = new();
    private readonly RecordingClient _client = new();
    private readonly Session _session;

    public TimedSharingTests()
    {
        _session = _gateway.Open(Me, [Bo], _client);
        _gateway.Move(Me, Latitude, Longitude);
        _session.OpenList(null);
    }

    public void Dispose() => _session.Leave();

    [Fact]
    public void A_friend_whose_end_comes_is_gone_at_that_moment_however_far_ahead_it_was()
    {
        Share(Bo, version: 2, until: Hour);
        _gateway.Advance(Hour - TimeSpan.FromSeconds(5));
        Move(Me);
        Move(Bo);
        _session.OpenList(null);
        Assert.Equal(1, _client.Last.GetProperty("total").GetInt32());

        _gateway.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("gone", _client.Last.GetProperty("left")[0].GetProperty("reason").GetString());
        var messages = _client.Received.Count;
        Move(Bo);
        _gateway.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(messages, _client.Received.Count);
    }

    [Fact]
    public void The_users_own_devices_are_told_the_end_and_when_it_comes_and_their_list_is_empty_then()
    {
        Share(Me, version: 2, until: Hour);
        var told = _client.Last;
        Assert.Equal(("sharing", true), (told.GetProperty("type").GetString(), told.GetProperty("sharing").GetBoolean()));
        Assert.Equal(_gateway.Now + (long)Hour.TotalMilliseconds, told.GetProperty("sharingUntil").GetInt64());

        _gateway.Advance(Hour);

        Assert.Equal(["sharing", "nearby"], _client.Types().TakeLast(2));
        Assert.False(_client.Received[^2].GetProperty("sharing").GetBoolean());
        Assert.False(_session.OpenList(null));

        Share(Me, version: 3, sharing: false); // the row that says so, a minute later
        Assert.Equal("nearby", _client.Types().Last());
    }

    [Fact]
    public void Another_end_takes_the_place_of_the_first_and_the_place_of_the_friend_stays()
    {
        Move(Bo);
        Share(Bo, version: 2, until: TimeSpan.FromSeconds(10));
        Share(Bo, version: 3, until: Hour);
        _gateway.Advance(TimeSpan.FromSeconds(20));
        _session.OpenList(null);
        Assert.Equal(1, _client.Last.GetProperty("total").GetInt32());

        Share(Bo, version: 4); // without an end
        _gateway.Advance(Hour);
        Move(Bo, version: 4);
        Move(Me);
        _session.OpenList(null);
        Assert.Equal(1, _client.Last.GetProperty("total").GetInt32());
    }

    [Fact]
    public void Who_began_to_share_again_is_not_shown_at_a_place_from_before()
    {
        Move(Bo);
        Share(Bo, version: 3, until: Hour); // version 2, which hid, was never heard of here

        _session.OpenList(null);

        Assert.Equal(0, _client.Last.GetProperty("total").GetInt32());
    }

    [Fact]
    public void An_end_that_is_heard_of_after_a_location_of_its_version_counts()
    {
        Move(Bo, version: 2);
        Share(Bo, version: 2, until: TimeSpan.FromSeconds(10));

        _gateway.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("gone", _client.Last.GetProperty("left")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public void An_end_that_lies_behind_shows_nobody()
    {
        Share(Bo, version: 2, until: -TimeSpan.FromSeconds(1));
        Move(Bo, version: 2);

        _session.OpenList(null);

        Assert.Equal(0, _client.Last.GetProperty("total").GetInt32());
    }

    private void Move(long user, long version = 0) =>
        _gateway.Move(user, Latitude, Longitude, version != 0 ? version : Math.Max(1, _gateway.Index.Find(user)!.Read().SharingVersion));

    private void Share(long user, long version, TimeSpan until = default, bool sharing = true) => _gateway.Sharing.Switch(
        _gateway.Index.Find(user)!, version, sharing, until == default ? 0 : _gateway.Now + (long)until.TotalMilliseconds);
}
