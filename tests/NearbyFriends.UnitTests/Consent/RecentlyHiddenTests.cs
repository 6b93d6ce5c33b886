using Microsoft.Extensions.Options;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.LocationCache;
using NearbyFriends.UnitTests.Client;

namespace NearbyFriends.UnitTests.Consent;

public sealed class RecentlyHiddenTests
{
    private readonly ManualClock _clock = new();
    private readonly RecentlyHidden _hidden;

    public RecentlyHiddenTests() =>
        _hidden = new(Options.Create(new PresenceOptions { InactiveAfter = TimeSpan.FromMinutes(10) }), _clock);

    [Fact]
    public void A_location_of_the_version_that_hid_or_an_earlier_one_is_refused()
    {
        _hidden.Add(1, 4);

        Assert.True(_hidden.IsHidden(1, 3));
        Assert.True(_hidden.IsHidden(1, 4));
        Assert.False(_hidden.IsHidden(1, 5));
        Assert.False(_hidden.IsHidden(2, 1));
    }

    [Fact]
    public void Changes_that_come_twice_or_out_of_order_leave_the_latest()
    {
        foreach (var version in new[] { 2L, 6, 4, 2 })
        {
            _hidden.Add(1, version);
        }

        Assert.True(_hidden.IsHidden(1, 6));
        Assert.False(_hidden.IsHidden(1, 7));
        Assert.Equal(1, _hidden.Count);
    }

    [Fact]
    public void Many_users_are_each_kept()
    {
        for (var user = 1L; user <= 10_000; user++)
        {
            _hidden.Add(user, user);
        }

        Assert.Equal(10_000, _hidden.Count);
        Assert.All(Enumerable.Range(1, 10_000), user => Assert.True(_hidden.IsHidden(user, user) && !_hidden.IsHidden(user, user + 1)));
    }

    [Fact]
    public void An_entry_is_kept_for_as_long_as_a_location_may_live_and_dropped_in_the_end()
    {
        _clock.Advance(_hidden.Span - TimeSpan.FromSeconds(1));
        _hidden.Add(1, 2);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _hidden.Add(2, 2);
        _clock.Advance(_hidden.Span - TimeSpan.FromSeconds(1));
        _hidden.Add(3, 2);

        Assert.True(_hidden.IsHidden(1, 2));

        _clock.Advance(_hidden.Span);
        _hidden.Add(4, 2);

        Assert.False(_hidden.IsHidden(1, 2));
        Assert.True(_hidden.IsHidden(3, 2));
    }
}
