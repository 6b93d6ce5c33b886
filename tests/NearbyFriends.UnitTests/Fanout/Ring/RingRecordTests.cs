using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;
using NearbyFriends.Fanout.Ring;


namespace NearbyFriends.UnitTests.Fanout.Ring;

/// <summary>How the ring that all agree on changes, step by step.</summary>
public sealed class RingRecordTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly RingRecord First = RingRecord.Initial(["a", "b"], ["s", "t"]);

    [Fact]
    public void A_change_is_pending_first_and_in_force_by_the_same_epoch()
    {
        var pending = First.Propose(First.Layout.Add("c"), "c joins", Now);
        Assert.Equal((1, 2), (pending.Epoch, pending.LatestEpoch));
        Assert.Equal(["a", "b"], pending.Layout.Servers);

        var after = pending.Commit();
        Assert.Equal((2, 2), (after.Epoch, after.LatestEpoch));
        Assert.Equal(["a", "b", "c"], after.Layout.Servers);
        Assert.Null(after.Pending);
    }

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        var written = First.Propose(First.Layout.Pin(3, "b"), "a pin", Now).Lose("a", _ => true, Now);

        var read = RingRecord.Parse(written.ToJson());

        Assert.Equal(written.ToJson(), read.ToJson());
        Assert.Equal("b", read.Target.Pins[3]);
    }

    [Fact]
    public void A_standby_that_answers_takes_the_place_and_the_pins_of_a_dead_server()
    {
        var pinned = First.Propose(First.Layout.Pin(3, "b"), "a pin", Now).Commit();

        var after = pinned.Lose("b", standby => standby == "t", Now).Commit();

        Assert.Equal([new("a", "a"), new("b", "t")], after.Layout.Members);
        Assert.Equal("t", after.Layout.Pins[3]);
        Assert.Equal(["s"], after.Standbys);
        Assert.Equal([new LostServer("b", Now)], after.Lost);
    }

    [Fact]
    public void Without_a_standby_a_dead_server_leaves_with_its_pins()
    {
        var pinned = First.Propose(First.Layout.Pin(3, "b"), "a pin", Now).Commit();

        var after = pinned.Lose("b", _ => false, Now).Commit();

        Assert.Equal(["a"], after.Layout.Servers);
        Assert.Empty(after.Layout.Pins);
    }

    [Fact]
    public void The_last_server_stays()
    {
        var alone = RingRecord.Initial(["a"], []);

        Assert.Same(alone, alone.Lose("a", _ => true, Now));
    }

    [Fact]
    public void A_standby_that_dies_is_lost_and_nothing_moves()
    {
        var after = First.Lose("s", _ => true, Now);

        Assert.Null(after.Pending);
        Assert.Equal(["t"], after.Standbys);
        Assert.Equal("s", after.Lost.Single().Name);
    }

    [Fact]
    public void A_server_that_dies_while_it_joins_is_replaced_in_the_change()
    {
        var joining = First.Propose(First.Layout.Add("c"), "c joins", Now);

        var after = joining.Lose("c", _ => true, Now);

        Assert.Equal(3, after.Pending!.Epoch);
        Assert.Equal([new("a", "a"), new("b", "b"), new("c", "s")], after.Pending.Layout.Members);
        Assert.Equal(["a", "b"], after.Layout.Servers);
    }

    [Fact]
    public void Who_returns_stands_by_once()
    {
        var after = First.Lose("b", _ => true, Now).Commit().StandBy("b");

        Assert.Equal(["t", "b"], after.Standbys);
        Assert.Empty(after.Lost);
    }

    [Fact]
    public void A_change_that_is_given_up_leaves_the_ring_as_it_was_under_a_new_epoch()
    {
        var after = First.Propose(First.Layout.Replace("a", "s"), "s replaces a", Now).Cancel();

        Assert.Equal(3, after.Epoch);
        Assert.Equal(["a", "b"], after.Layout.Servers);
        Assert.Equal(["t", "s"], after.Standbys);
        Assert.Null(after.Pending);
    }

    [Fact]
    public void A_server_that_joins_where_another_fills_its_place_gets_a_place_of_its_own()
    {
        var layout = First.Layout.Replace("a", "s").Add("a").Add("c");

        Assert.Equal([new("a", "s"), new("b", "b"), new("a/2", "a"), new("c", "c")], layout.Members);
    }

    [Fact]
    public void Wrong_settings_are_named()
    {
        var fanout = new ValidateFanoutOptions().Validate(null, new FanoutOptions { DeadAfter = TimeSpan.Zero, AlertWebhook = "mail me", Servers = ["a"] });
        var discovery = new ValidateDiscoveryOptions().Validate(null, new DiscoveryOptions { Etcd = "etcd:2379", LeaseTime = TimeSpan.Zero, Prefix = "" });

        Assert.Contains("Fanout:DeadAfter", fanout.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Fanout:AlertWebhook", fanout.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Discovery:Etcd", discovery.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Discovery:LeaseTime", discovery.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Discovery:Prefix", discovery.FailureMessage, StringComparison.Ordinal);
    }
}
