using NearbyFriends.Benchmarks.Chaos;

namespace NearbyFriends.IntegrationTests.Chaos;

/// <summary>The judge of the chaos run, judged: what it lets pass, and what it objects to. Times are milliseconds.</summary>
public sealed class ConsentModelTests
{
    private const int Watcher = 0;
    private const int Friend = 1;
    private const long Bound = 15_000;
    private readonly Spans _journal = new();
    private readonly ConsentModel _model;

    public ConsentModelTests() => _model = new(users: 2, _journal);

    [Fact]
    public void A_friend_who_hid_may_be_shown_until_the_bound_and_again_once_it_asks_to_share()
    {
        _model.Hidden(Friend).Begin(1_000);

        Assert.Null(_model.Objection(Watcher, Friend, locatedAt: 1_500, at: 1_000 + Bound));
        Assert.NotNull(_model.Objection(Watcher, Friend, locatedAt: 1_500, at: 1_001 + Bound));
        Assert.NotNull(_model.ListObjection(Watcher, Friend, at: 1_001 + Bound, gatewayRunsSince: 0));

        _model.Hidden(Friend).End(20_000);

        Assert.Null(_model.Objection(Watcher, Friend, locatedAt: 20_000, at: 20_001));
    }

    [Fact]
    public void A_location_from_before_hiding_stays_hidden()
    {
        _model.Hidden(Friend).Begin(1_000);
        _model.Hidden(Friend).End(2_000);

        Assert.Null(_model.Objection(Watcher, Friend, locatedAt: 900, at: 1_000 + Bound));
        Assert.NotNull(_model.Objection(Watcher, Friend, locatedAt: 900, at: 1_001 + Bound));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_hides_sees_nobody_and_who_parted_see_each_other_no_more(bool hides)
    {
        var ended = hides ? _model.Hidden(Watcher) : _model.Apart(Friend, Watcher);
        ended.Begin(1_000);

        Assert.NotNull(_model.Objection(Watcher, Friend, locatedAt: 5_000, at: 1_001 + Bound));
        Assert.False(_model.ShouldShow(Watcher, Friend));
    }

    [Fact]
    public void While_nobody_can_read_the_journal_the_bound_waits()
    {
        _model.Hidden(Friend).Begin(1_000);
        _journal.Begin(10_000);

        Assert.Null(_model.Objection(Watcher, Friend, locatedAt: 1_500, at: 100_000));

        _journal.End(30_000);

        Assert.Null(_model.Objection(Watcher, Friend, locatedAt: 1_500, at: 30_000 + Bound));
        Assert.NotNull(_model.Objection(Watcher, Friend, locatedAt: 1_500, at: 30_001 + Bound));
    }

    [Fact]
    public void An_outage_before_or_after_changes_nothing()
    {
        _journal.Begin(100);
        _journal.End(900);
        _model.Hidden(Friend).Begin(1_000);
        _journal.Begin(1_001 + Bound);

        Assert.NotNull(_model.Objection(Watcher, Friend, locatedAt: 1_500, at: 1_002 + Bound));
    }

    [Fact]
    public void A_gateway_that_was_frozen_may_keep_its_lists_for_the_bound_but_may_not_send_the_location()
    {
        _model.Hidden(Friend).Begin(1_000);

        Assert.Null(_model.ListObjection(Watcher, Friend, at: 20_001, gatewayRunsSince: 20_000));
        Assert.NotNull(_model.Objection(Watcher, Friend, locatedAt: 900, at: 20_001));
        Assert.Null(_model.ListObjection(Watcher, Friend, at: 50_000, gatewayRunsSince: long.MaxValue));
    }

    [Fact]
    public void What_the_stream_took_must_be_stored_once_and_nothing_else()
    {
        var history = new HistoryModel();
        foreach (var time in (long[])[1, 2, 3, 4])
        {
            history.Sent(user: 7, time);
        }

        history.Accepted(user: 7, time: 1);
        history.Accepted(user: 7, time: 2);

        var verdict = history.Judge([(7, 2), (7, 2), (7, 3), (8, 1)], wasHidden: (_, time) => time == 3);

        Assert.Equal(new HistoryVerdict(Lost: 1, Duplicated: 1, Unknown: 1, Hidden: 1, Stored: 3, Sent: 4), verdict);
    }

    [Fact]
    public void A_point_of_who_had_hidden_may_be_stored_within_the_bound_only()
    {
        _model.Hidden(Friend).Begin(1_000);
        _model.Hidden(Friend).End(40_000);

        Assert.False(_model.MayNotBeStored(Friend, 1_000 + Bound));
        Assert.True(_model.MayNotBeStored(Friend, 1_001 + Bound));
        Assert.False(_model.MayNotBeStored(Friend, 40_000));
    }
}
