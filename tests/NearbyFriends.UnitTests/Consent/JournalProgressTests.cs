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
    public void Nothing_is_known_before_the_first_answer()
    {
        Assert.False(_progress.HasRead);
        _clock.Advance(TimeSpan.FromHours(1));
        _progress.Miss(othersRead: true);

        Assert.False(_progress.IsCutOff);
        Read();
        Assert.True(_progress.HasRead);
    }

    [Fact]
    public void A_gateway_that_fails_for_a_minute_while_others_read_is_cut_off_until_it_reads_again()
    {
        Read();
        _clock.Advance(JournalProgress.CutOffAfter - TimeSpan.FromSeconds(1));
        _progress.Miss(othersRead: true);
        Assert.False(_progress.IsCutOff);

        _clock.Advance(TimeSpan.FromSeconds(1));
        _progress.Miss(othersRead: true);
        Assert.True(_progress.IsCutOff);

        Read();
        Assert.False(_progress.IsCutOff);
    }

    [Fact]
    public void While_nobody_can_read_all_go_on()
    {
        Read();
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

    private void Read() => _progress.Advance(new JournalTail([], "cursor"));
}
