using NearbyFriends.Core;

namespace NearbyFriends.UnitTests.Consent;

public sealed class FriendVisibilityTests
{
    private const long Noon = 1_764_000_000_000;

    [Fact]
    public void It_is_one_number_and_the_default_is_none()
    {
        foreach (var shows in Enum.GetValues<Visibility>())
        {
            foreach (var afterwards in Enum.GetValues<Visibility>())
            {
                var visibility = new FriendVisibility(shows, Noon, afterwards);
                Assert.Equal(visibility, FriendVisibility.Unpack(visibility.Packed));
            }
        }

        Assert.Equal(0, new FriendVisibility(Visibility.Exact).Packed);
        Assert.Equal(Visibility.Nothing, FriendVisibility.Unpack(3).Shows); // a level of a later version
    }

    [Fact]
    public void What_ends_gives_way_to_what_had_no_end()
    {
        var visibility = new FriendVisibility(Visibility.Nothing).ChangeTo(Visibility.Exact, Noon).ChangeTo(Visibility.Approximate, Noon + 1);

        Assert.Equal(Visibility.Approximate, visibility.At(Noon));
        Assert.Equal(Visibility.Nothing, visibility.At(Noon + 1));
        Assert.Equal(new(Visibility.Approximate), visibility.ChangeTo(Visibility.Approximate, until: 0));
    }
}
