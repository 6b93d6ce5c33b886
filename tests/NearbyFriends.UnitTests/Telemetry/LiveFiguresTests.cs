using NearbyFriends.Gateway.Telemetry;
using NearbyFriends.UnitTests.Client;

namespace NearbyFriends.UnitTests.Telemetry;

public sealed class LiveFiguresTests
{
    private readonly ManualClock _clock = new();
    private readonly LiveFigures _figures;

    public LiveFiguresTests() => _figures = new(_clock);

    [Fact]
    public void What_the_system_takes_is_told_apart_from_what_the_pace_adds()
    {
        for (var i = 0; i < 98; i++)
        {
            _figures.Queued(0.004);
            _figures.Sent(1);
        }

        for (var i = 0; i < 2; i++)
        {
            _figures.Queued(0.04);
            _figures.Sent(2);
        }

        var figures = Turn();

        // A bucket is 6 % wide.
        Assert.InRange(figures.OutboxP50Ms, 4, 4.3);
        Assert.InRange(figures.OutboxP99Ms, 40, 42.5);
        Assert.InRange(figures.P50Ms, 1_000, 1_063);
        Assert.InRange(figures.P99Ms, 2_000, 2_125);
    }

    [Fact]
    public void What_is_longer_ago_than_ten_turns_is_forgotten()
    {
        _figures.Accepted(20);
        _figures.Delivered(40);
        _figures.Sent(0.1);
        Assert.Equal((20, 40), Rates(Turn()));
        for (var turn = 1; turn < LiveFigures.Slices; turn++)
        {
            Assert.NotEqual(0, Turn().P50Ms);
        }

        Assert.Equal(new Figures(0, 0, 0, 0, 0, 0), Turn());
    }

    private static (double Updates, double Deliveries) Rates(Figures figures) => (figures.UpdatesPerSecond, figures.DeliveriesPerSecond);

    private Figures Turn()
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        return _figures.Turn();
    }
}
