using NearbyFriends.Client.Locations;

namespace NearbyFriends.UnitTests.Client;

public sealed class PaceTests
{
    private const double MetresPerDegree = Location.EarthRadiusMetres * Math.PI / 180;

    [Fact]
    public void A_vehicle_that_starts_after_a_stop_is_seen_within_its_pace()
    {
        var sent = Sent(second => second < 100 ? 0 : 15 * (second - 100), seconds: 200);
        Assert.Equal(0, sent[0]);
        Assert.InRange(sent[1], 101, 110);
    }

    private static List<int> Sent(Func<int, double> metres, int seconds)
    {
        var pace = new PaceController(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
        return [.. Enumerable.Range(0, seconds).Where(second => pace.IsDue(new(metres(second) / MetresPerDegree, 0, second * 1_000L)))];
    }
}
