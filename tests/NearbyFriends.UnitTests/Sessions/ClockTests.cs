using NearbyFriends.Core.Geo;
using NearbyFriends.Fanout.Frames;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>Wall clocks that are wrong, or step: nobody waits for them.</summary>
public sealed class ClockTests
{
    private const long Me = 1;
    private const long Bo = 2;
    private const double Latitude = 37.77;
    private const double Longitude = -122.42;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Inactive = TimeSpan.FromMinutes(10);

    private readonly LoneGateway _gateway = new();
    private readonly RecordingClient _client = new();

    [Fact]
    public void A_wall_clock_that_steps_back_a_minute_delays_no_flush()
    {
        Open();
        _gateway.Move(Bo, Latitude, Longitude); // leaves at once; the next waits for the pace
        var time = _gateway.Now;
        _gateway.Clock.Wrong = -TimeSpan.FromMinutes(1);
        MoveBo(time + 1);

        _gateway.Advance(Pace);

        Assert.Equal(["nearby", "friends", "friends"], _client.Types());
    }

    [Fact]
    public void A_wall_clock_that_steps_back_a_minute_keeps_nobody_present_for_longer()
    {
        Open();
        _gateway.Move(Bo, Latitude, Longitude);
        _gateway.Advance(Inactive / 2);
        _gateway.Move(Me, Latitude, Longitude);
        _gateway.Clock.Wrong = -TimeSpan.FromMinutes(1);

        _gateway.Advance((Inactive / 2) + TimeSpan.FromSeconds(1));
        _gateway.Advance(Pace);

        Assert.Equal("gone", Assert.Single(_client.Last.GetProperty("left").EnumerateArray()).GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public void A_gateway_whose_clock_is_five_seconds_off_shows_the_friends_of_others_and_misses_them_five_seconds_off(int seconds)
    {
        var others = _gateway.Now;
        _gateway.Clock.Wrong = TimeSpan.FromSeconds(seconds);
        Open();
        var frame = new FrameBuilder();
        frame.TryAdd(FrameEntry.Moved(Bo, 1, Location.FromDegrees(Latitude, Longitude, others), others * 1_000), default);
        _gateway.Index.Find(Bo)!.DisplayName = "Bo";

        _gateway.Frames.Receive(frame.Take(others * 1_000));
        Assert.Equal("2", Assert.Single(_client.Last.GetProperty("moved").EnumerateArray()).GetProperty("id").GetString());
        _gateway.Advance(Inactive - TimeSpan.FromSeconds(6));
        _gateway.Move(Me, Latitude, Longitude);
        Assert.Equal(["nearby", "friends"], _client.Types());
        _gateway.Advance(TimeSpan.FromSeconds(12));
        _gateway.Advance(Pace);

        Assert.Equal("2", Assert.Single(_client.Last.GetProperty("left").EnumerateArray()).GetProperty("id").GetString());
    }

    private void Open()
    {
        var session = _gateway.Open(Me, [Bo], _client);
        _gateway.Move(Me, Latitude, Longitude);
        session.OpenList(null);
    }

    private void MoveBo(long time)
    {
        var frame = new FrameBuilder();
        frame.TryAdd(FrameEntry.Moved(Bo, 1, Location.FromDegrees(Latitude + 0.001, Longitude, time), 0), default);
        _gateway.Frames.Receive(frame.Take(time * 1_000));
    }
}
