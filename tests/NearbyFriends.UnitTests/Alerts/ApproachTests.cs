using NearbyFriends.Gateway.Alerts;

namespace NearbyFriends.UnitTests.Alerts;

public sealed class ApproachTests
{
    private const long Noon = 1_764_000_000_000;
    private static readonly TimeSpan Cooldown = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(500, 500, Proximity.Near)]
    [InlineData(501, 500, Proximity.Margin)]
    [InlineData(600, 500, Proximity.Margin)] // 20 %, which is 100 m
    [InlineData(601, 500, Proximity.Away)]
    [InlineData(150, 50, Proximity.Margin)] // at least 100 m
    [InlineData(151, 50, Proximity.Away)]
    [InlineData(12_000, 10_000, Proximity.Margin)]
    [InlineData(12_001, 10_000, Proximity.Away)]
    public void The_margin_is_a_fifth_of_the_distance_but_at_least_100_metres(double distance, int within, Proximity range) =>
        Assert.Equal(range, Approach.ProximityOf(distance, within));

    [Fact]
    public void Who_was_not_seen_before_and_is_near_is_told_once()
    {
        var walk = new Walk();

        Assert.True(walk.At(0, Proximity.Near));
        Assert.False(walk.At(1, Proximity.Near));
        Assert.False(walk.At(2, Proximity.Margin));
        Assert.False(walk.At(3, Proximity.Near));
    }

    [Fact]
    public void A_friend_approaches_again_after_two_minutes_away_and_the_cooldown()
    {
        var walk = new Walk();
        walk.At(0, Proximity.Near);

        walk.At(60, Proximity.Away);
        Assert.True(walk.At(62, Proximity.Near));
    }

    [Fact]
    public void A_friend_who_was_away_for_less_than_two_minutes_did_not_leave()
    {
        var walk = new Walk();
        walk.At(0, Proximity.Near);

        walk.At(90, Proximity.Away);
        Assert.False(walk.At(91.9, Proximity.Near));
        walk.At(92, Proximity.Away);
        walk.At(93, Proximity.Margin); // the two minutes begin anew
        walk.At(94, Proximity.Away);
        Assert.False(walk.At(95.9, Proximity.Near));
    }

    [Fact]
    public void Away_counts_from_its_beginning_however_often_it_is_seen_and_survives_the_margin()
    {
        var walk = new Walk();
        walk.At(0, Proximity.Near);

        walk.At(60, Proximity.Away);
        walk.At(61, Proximity.Away);
        walk.At(62, Proximity.Margin);
        Assert.True(walk.At(63, Proximity.Near));
    }

    [Fact]
    public void An_approach_within_the_cooldown_is_told_neither_then_nor_when_the_cooldown_ends()
    {
        var walk = new Walk();
        walk.At(0, Proximity.Near);

        walk.At(10, Proximity.Away);
        Assert.False(walk.At(20, Proximity.Near));
        Assert.False(walk.At(61, Proximity.Near));
        walk.At(62, Proximity.Away);
        Assert.True(walk.At(64, Proximity.Near));
    }

    [Fact]
    public void What_is_remembered_is_read_as_it_was_written()
    {
        var approach = new Approach(IsArmed: true, Noon, Noon + 1);

        Assert.Equal(approach, Approach.Parse(approach.ToString()));
        Assert.Null(Approach.Parse(""));
        Assert.Null(Approach.Parse("1:x:0"));
    }

    /// <summary>A friend's ranges, minutes after noon; whether each is told.</summary>
    private sealed class Walk
    {
        private Approach _approach = Approach.Unseen;

        public bool At(double minutes, Proximity range)
        {
            (_approach, var isTold) = _approach.Enter(range, Noon + (long)TimeSpan.FromMinutes(minutes).TotalMilliseconds, Cooldown);
            return isTold;
        }
    }
}
