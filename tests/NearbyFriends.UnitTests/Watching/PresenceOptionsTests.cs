using NearbyFriends.LocationCache;

namespace NearbyFriends.UnitTests.Watching;

public sealed class PresenceOptionsTests
{
    private static readonly PresenceOptions Presence = new() { InactiveAfter = TimeSpan.FromSeconds(10) };

    [Theory]
    [InlineData(0, 11_000)]
    [InlineData(5_000, 5_000)]
    [InlineData(20_000, 11_000)]
    public void A_location_is_shown_until_its_user_is_inactive_or_sharing_ends(long sharingUntil, long end) =>
        Assert.Equal(end, Presence.EndOf(time: 1_000, sharingUntil));
}
