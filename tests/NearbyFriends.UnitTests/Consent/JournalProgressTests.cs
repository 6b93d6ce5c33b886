using NearbyFriends.Core;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Friends;
using NearbyFriends.People;
using NearbyFriends.UnitTests.Client;

namespace NearbyFriends.UnitTests.Consent;

public sealed class JournalProgressTests
{
    private readonly ManualClock _clock = new();
    private readonly JournalProgress _progress;

    public JournalProgressTests() => _progress = new(_clock);

    [Fact]
    public void What_an_answer_repeats_is_taken_once()
    {
        var (first, second, third) = (Hide(1, 2), Hide(2, 2), Hide(1, 4));

        Assert.Equal([first, second], Take(first, second));
        Assert.Equal([third], Take(first, second, third));
        Assert.Equal([], Take(second, third));
    }

    [Fact]
    public void A_change_that_became_visible_late_is_taken_though_a_later_one_was_taken_before()
    {
        var (early, late) = (Hide(1, 2), Hide(2, 2));
        Take(late);

        Assert.Equal([early], Take(early, late));
    }

    [Fact]
    public void Nothing_is_known_before_the_first_answer()
    {
        Assert.False(_progress.HasRead);
        _clock.Advance(TimeSpan.FromHours(1));
        _progress.Miss(othersRead: true);

        Assert.False(_progress.IsCutOff);
        Take();
        Assert.True(_progress.HasRead);
    }

    [Fact]
    public void A_gateway_that_fails_for_a_minute_while_others_read_is_cut_off_until_it_reads_again()
    {
        Take();
        _clock.Advance(JournalProgress.CutOffAfter - TimeSpan.FromSeconds(1));
        _progress.Miss(othersRead: true);
        Assert.False(_progress.IsCutOff);

        _clock.Advance(TimeSpan.FromSeconds(1));
        _progress.Miss(othersRead: true);
        Assert.True(_progress.IsCutOff);

        Take();
        Assert.False(_progress.IsCutOff);
    }

    [Fact]
    public void While_nobody_can_read_all_go_on()
    {
        Take();
        _clock.Advance(TimeSpan.FromHours(1));
        _progress.Miss(othersRead: false);

        Assert.False(_progress.IsCutOff);
    }

    [Fact]
    public void A_session_skips_what_it_has_takes_the_next_change_and_notices_a_gap()
    {
        Assert.Equal(VersionStep.Known, FriendChanges.StepTo(change: 4, known: 5));
        Assert.Equal(VersionStep.Known, FriendChanges.StepTo(change: 5, known: 5));
        Assert.Equal(VersionStep.Next, FriendChanges.StepTo(change: 6, known: 5));
        Assert.Equal(VersionStep.Gap, FriendChanges.StepTo(change: 7, known: 5));
    }

    private List<Change> Take(params Change[] changes)
    {
        var tail = new JournalTail(changes, "cursor");
        var taken = _progress.NewIn(tail).ToList();
        _progress.Advance(tail);
        return taken;
    }

    private static Change Hide(long user, long version) => new(user, ChangeKind.SharingEnded, version, 0, DateTimeOffset.UnixEpoch);
}
