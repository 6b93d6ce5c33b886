using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>A gateway that stood still does not know who hid meanwhile.</summary>
public sealed class StandstillTests
{
    private const long Me = 1;
    private const long Bo = 2;
    private const double Latitude = 37.77;
    private const double Longitude = -122.42;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);

    private readonly LoneGateway _gateway = new(Shortest);
    private readonly RecordingClient _client = new();
    private readonly Session _session;

    public StandstillTests()
    {
        _session = _gateway.Open(Me, [Bo], _client);
        _gateway.Move(Me, Latitude, Longitude);
        _gateway.Move(Bo, Latitude, Longitude);
        _session.OpenList(null);
        for (var step = 1; step <= 2; step++)
        {
            _gateway.Advance(TimeSpan.FromMilliseconds(100));
            _gateway.Move(Bo, Latitude + (step * 0.001), Longitude); // the second one waits for the pace
        }
    }

    [Fact]
    public void What_waited_is_pushed_only_once_the_journal_was_read()
    {
        var before = _client.Received.Count;

        _gateway.Advance(Shortest);
        _gateway.Move(Bo, Latitude + 0.003, Longitude); // a late frame: the pace would allow it at once
        _gateway.Advance(Pace);
        Assert.Equal(before, _client.Received.Count);

        _gateway.Index.Find(Bo)!.TrySwitchSharing(2, sharing: false); // as the journal says
        _gateway.Standstill.Settle(_gateway.Standstill.Count);
        _gateway.Advance(Pace);

        Assert.Equal(before + 1, _client.Received.Count);
        Assert.Empty(_client.Last.GetProperty("moved").EnumerateArray());
        Assert.Equal("gone", _client.Last.GetProperty("left")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public void Whoever_wakes_up_first_pushes_nothing()
    {
        _gateway.Clock.Advance(Shortest); // no timer has ticked yet
        var before = _client.Received.Count;

        _gateway.Move(Bo, Latitude + 0.003, Longitude);

        Assert.Equal(before, _client.Received.Count);
    }

    [Fact]
    public void A_pause_that_is_shorter_delays_nothing()
    {
        var before = _client.Received.Count;

        _gateway.Advance(Shortest - TimeSpan.FromMilliseconds(1));

        Assert.Equal(before + 1, _client.Received.Count);
    }

    [Fact]
    public void A_read_that_began_before_it_does_not_count()
    {
        var standstill = new Standstill(_gateway.Clock) { Shortest = Shortest };
        var begun = standstill.Count;
        _gateway.Clock.Advance(Shortest);
        standstill.Tick();

        standstill.Settle(begun);
        Assert.False(standstill.IsOver);

        standstill.Settle(standstill.Count);
        Assert.True(standstill.IsOver);
    }

    [Fact]
    public async Task Who_reads_the_journal_is_woken()
    {
        var standstill = new Standstill(_gateway.Clock) { Shortest = Shortest };
        var waiting = standstill.WaitAsync(TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        _gateway.Clock.Advance(Shortest);
        standstill.Tick();

        await waiting;
        await standstill.WaitAsync(TimeSpan.FromHours(1), TestContext.Current.CancellationToken); // until it is settled there is nothing to wait for
    }
}
