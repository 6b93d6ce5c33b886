using NearbyFriends.Simulator.Verifying;

namespace NearbyFriends.UnitTests.Simulator;

/// <summary>By hand: positions on the equator, so that metres are easy; a settling time of 1 s; inactive after 10 s.</summary>
public sealed class PairModelTests
{
    private const double MetresPerDegree = 6_371_008.8 * Math.PI / 180;
    private readonly PairModel _model = new(new(RadiusMetres: 1_000, InactiveAfter: 10_000, Settle: 1_000));

    [Fact]
    public void A_friend_who_is_inside_is_certain_after_two_settling_times()
    {
        var stretches = _model.Stretches([At(0, 0)], [At(0, 500), At(9_000, 500)], 20_000);
        Assert.Equal([new(0, 2_000, Expected.Either), new(2_000, 19_000, Expected.Shown), new(19_000, 20_000, Expected.Either)], stretches);
    }

    [Fact]
    public void Walking_up_to_a_friend_who_stands_still_shows_the_friend()
    {
        var stretches = _model.Stretches([At(0, 5_000), At(4_000, 900)], [At(0, 0)], 9_000);
        Assert.Equal([new(0, 4_000, Expected.Hidden), new(4_000, 6_000, Expected.Either), new(6_000, 9_000, Expected.Shown)], stretches);
    }

    [Fact]
    public void A_friend_beyond_the_radius_stays_within_the_margin_and_leaves_beyond_it()
    {
        var stretches = _model.Stretches([At(0, 0)], [At(0, 900), At(4_000, 1_040), At(8_000, 1_060)], 12_000);
        Assert.Equal(
            [new(0, 2_000, Expected.Either), new(2_000, 8_000, Expected.Shown), new(8_000, 10_000, Expected.Either), new(10_000, 12_000, Expected.Hidden)],
            stretches);
    }

    [Fact]
    public void A_friend_who_comes_from_outside_into_the_margin_is_not_shown()
    {
        var stretches = _model.Stretches([At(0, 0)], [At(0, 2_000), At(4_000, 1_040)], 8_000);
        Assert.Equal([new(0, 8_000, Expected.Hidden)], stretches);
    }

    [Fact]
    public void A_friend_seen_inside_for_a_moment_only_before_the_margin_is_a_tie()
    {
        var stretches = _model.Stretches([At(0, 0)], [At(0, 2_000), At(4_000, 900), At(4_300, 1_040)], 9_000);
        Assert.Equal([new(0, 4_000, Expected.Hidden), new(4_000, 9_000, Expected.Either)], stretches);
    }

    [Fact]
    public void A_friend_who_goes_silent_disappears_and_is_back_with_the_next_update()
    {
        var stretches = _model.Stretches([At(0, 0)], [At(0, 500), At(20_000, 500)], 25_000);
        Assert.Equal(
            [
                new(0, 2_000, Expected.Either), new(2_000, 10_000, Expected.Shown), new(10_000, 12_000, Expected.Either),
                new(12_000, 20_000, Expected.Hidden), new(20_000, 22_000, Expected.Either), new(22_000, 25_000, Expected.Shown),
            ],
            stretches);
    }

    [Fact]
    public void An_update_sent_just_before_the_one_before_it_expires_may_come_too_late_to_keep_the_friend_shown()
    {
        // Back in the margin: still shown if it came in time, not shown if the friend was gone meanwhile.
        var stretches = _model.Stretches([At(0, 0)], [At(0, 500), At(9_500, 1_040)], 15_000);
        Assert.Equal([new(0, 2_000, Expected.Either), new(2_000, 9_500, Expected.Shown), new(9_500, 15_000, Expected.Either)], stretches);
    }

    [Fact]
    public void Two_who_pass_each_other_within_a_settling_time_may_or_may_not_have_met()
    {
        // The watcher comes to where the friend is about to leave: seen there for a moment, or not.
        var stretches = _model.Stretches([At(0, 0), At(5_000, 5_000)], [At(0, 5_000), At(5_100, 0)], 9_000);
        Assert.Equal([new(0, 5_000, Expected.Hidden), new(5_000, 7_100, Expected.Either), new(7_100, 9_000, Expected.Hidden)], stretches);
    }

    [Fact]
    public void Nothing_is_expected_before_the_watchers_list_is_open()
    {
        Assert.Empty(_model.Stretches([], [At(0, 0)], 9_000));
        Assert.Equal(5_000, _model.Stretches([At(5_000, 0)], [At(0, 0)], 9_000)[0].From);
        Assert.Equal([new(5_000, 9_000, Expected.Hidden)], _model.Stretches([At(5_000, 0)], [], 9_000));
    }

    private static SentPoint At(long time, double metres) => new(time, time, new(0, metres / MetresPerDegree));
}
