using System.Text.Json;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>What a client is told of a friend who shows it less than all.</summary>
public sealed class VisibilityTests : IDisposable
{
    private const long Me = 1;
    private const long Bo = 2;
    private const double Latitude = 37.77;
    private const double Longitude = -122.42;
    private const double Kilometre = 1 / 111.195; // degrees of latitude
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private readonly LoneGateway _gateway = new();
    private readonly RecordingClient _client = new();
    private readonly Session _session;

    public VisibilityTests()
    {
        _session = _gateway.Open(Me, [Bo], _client);
        _gateway.Move(Me, Latitude, Longitude);
    }

    public void Dispose() => _session.Leave();

    [Fact]
    public void An_approximate_friend_is_shown_at_the_centre_of_its_cell_and_so_far_away_wherever_in_it()
    {
        _session.SetVisibility(Bo, new(Visibility.Approximate));
        _gateway.Move(Bo, Latitude + Kilometre, Longitude, accuracy: 5);
        _session.OpenList(null);

        var listed = _client.Last.GetProperty("friends")[0];
        var cell = ApproximateGrid.Snap(Location.FromDegrees(Latitude + Kilometre, Longitude, 0));
        Assert.Equal((cell.Latitude, cell.Longitude), PlaceOf(listed));
        Assert.Equal(GreatCircle.DistanceMetres(Latitude, Longitude, cell.Latitude, cell.Longitude), listed.GetProperty("distance").GetDouble(), 0.06);
        Assert.True(listed.GetProperty("approximate").GetBoolean());
        Assert.False(listed.TryGetProperty("accuracy", out _));

        _gateway.Advance(Pace);
        _gateway.Move(Bo, cell.Latitude, cell.Longitude + 0.0001);

        var moved = _client.Last.GetProperty("moved")[0];
        Assert.Equal((PlaceOf(listed), listed.GetProperty("distance").GetDouble()), (PlaceOf(moved), moved.GetProperty("distance").GetDouble()));
    }

    [Fact]
    public void An_approximate_friend_comes_and_goes_by_its_cell_not_by_where_it_is()
    {
        const double Edge = 8.047;
        var outside = Enumerable.Range(1, 2_000).Select(step => Latitude + ((Edge + (step * 0.0005)) * Kilometre))
            .First(latitude => Math.Abs(ApproximateGrid.Snap(Location.FromDegrees(latitude, Longitude, 0)).Latitude - Latitude) < (Edge - 0.01) * Kilometre);
        _session.SetVisibility(Bo, new(Visibility.Approximate));
        _session.OpenList(null);

        _gateway.Move(Bo, outside, Longitude); // beyond the radius, in a cell whose centre lies inside

        Assert.Single(_client.Last.GetProperty("moved").EnumerateArray());
    }

    [Fact]
    public void Whom_a_friend_shows_nothing_hears_what_it_would_hear_of_one_who_is_gone()
    {
        _gateway.Move(Bo, Latitude, Longitude);
        _session.OpenList(null);
        _gateway.Advance(Pace);

        _session.SetVisibility(Bo, new(Visibility.Nothing));

        Assert.Equal("gone", Left().GetProperty("reason").GetString());
        _gateway.Advance(Pace);
        var messages = _client.Received.Count;
        _gateway.Move(Bo, Latitude + Kilometre, Longitude);
        _gateway.Advance(Pace);
        _session.OpenList(null);
        Assert.Equal(messages + 1, _client.Received.Count);
        Assert.Equal(0, _client.Last.GetProperty("total").GetInt32());
    }

    [Fact]
    public void A_change_between_exact_and_approximate_replaces_what_the_client_has_though_the_friend_does_not_move()
    {
        _gateway.Move(Bo, Latitude + Kilometre, Longitude);
        _session.OpenList(null);
        var exact = PlaceOf(_client.Last.GetProperty("friends")[0]);
        _gateway.Advance(Pace);

        _session.SetVisibility(Bo, new(Visibility.Approximate));
        var approximate = _client.Last.GetProperty("moved")[0];
        Assert.True(approximate.GetProperty("approximate").GetBoolean());
        Assert.NotEqual(exact, PlaceOf(approximate));

        _gateway.Advance(Pace);
        _session.SetVisibility(Bo, default);
        Assert.Equal(exact, PlaceOf(_client.Last.GetProperty("moved")[0]));
        Assert.False(_client.Last.GetProperty("moved")[0].TryGetProperty("approximate", out _));
    }

    [Fact]
    public void What_a_friend_shows_until_a_time_ends_then_and_the_client_is_told()
    {
        _gateway.Move(Bo, Latitude, Longitude);
        var until = _gateway.Now + 60_000;
        _session.SetVisibility(Bo, new FriendVisibility(Visibility.Nothing).ChangeTo(Visibility.Exact, until));
        _session.OpenList(null);
        Assert.Equal(1, _client.Last.GetProperty("total").GetInt32());

        _gateway.Advance(TimeSpan.FromMilliseconds(59_999));
        _session.EndVisibilities();
        Assert.Equal("nearby", _client.Types().Last());

        _gateway.Advance(TimeSpan.FromMilliseconds(1));
        _session.EndVisibilities();

        Assert.Equal("gone", Left().GetProperty("reason").GetString());
    }

    [Fact]
    public void Nothing_is_told_after_the_end_though_nobody_has_said_yet_that_it_came()
    {
        _session.SetVisibility(Bo, new FriendVisibility(Visibility.Nothing).ChangeTo(Visibility.Exact, _gateway.Now + 1_000));
        _session.OpenList(null);
        _gateway.Advance(TimeSpan.FromSeconds(1));

        _gateway.Move(Bo, Latitude, Longitude);

        Assert.Equal("nearby", _client.Types().Last());
    }

    [Fact]
    public void A_reload_sets_what_every_friend_shows()
    {
        _gateway.Move(Bo, Latitude, Longitude);
        _session.SetVisibility(Bo, new(Visibility.Nothing));

        _session.SetVisibilities(new Dictionary<long, FriendVisibility>());
        _session.OpenList(null);
        Assert.Equal(1, _client.Last.GetProperty("total").GetInt32());

        _session.SetVisibilities(new Dictionary<long, FriendVisibility> { [Bo] = new(Visibility.Nothing), [99] = new(Visibility.Nothing) });
        Assert.Equal("gone", Left().GetProperty("reason").GetString());
    }

    private static (double Latitude, double Longitude) PlaceOf(JsonElement friend) =>
        (friend.GetProperty("lat").GetDouble(), friend.GetProperty("lon").GetDouble());

    private JsonElement Left() => Assert.Single(_client.Last.GetProperty("left").EnumerateArray());
}
