using NearbyFriends.Client.Locations;

namespace NearbyFriends.UnitTests.Client;

public sealed class PaceTests
{
    private const double MetresPerDegree = Location.EarthRadiusMetres * Math.PI / 180;

    [Theory]
    [InlineData(0, 240)] // still: two fifths of 10 minutes
    [InlineData(1.4, 30)] // on foot
    [InlineData(12, 10)] // in a vehicle
    public void Positions_given_every_second_are_sent_at_the_pace_of_the_motion(double metresPerSecond, int everySeconds)
    {
        var sent = Sent(second => metresPerSecond * second, seconds: 1_000);
        Assert.Equal(everySeconds, sent[^1] - sent[^2]);
        Assert.InRange(sent.Count, 1_000 / everySeconds, (1_000 / everySeconds) + 2);
    }

    [Fact]
    public void A_vehicle_that_starts_after_a_stop_is_seen_within_its_pace()
    {
        var sent = Sent(second => second < 100 ? 0 : 15 * (second - 100), seconds: 200);
        Assert.Equal(0, sent[0]);
        Assert.InRange(sent[1], 101, 110);
    }

    [Fact]
    public void Noise_within_the_receivers_own_uncertainty_is_standing_still()
    {
        var random = new Random(1);
        var sent = Sent(_ => 40 * random.NextDouble(), seconds: 200, accuracy: 50);
        Assert.Single(sent);
    }

    private static List<int> Sent(Func<int, double> metres, int seconds, double? accuracy = null)
    {
        var pace = new PaceController(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
        return [.. Enumerable.Range(0, seconds).Where(second => pace.IsDue(new(metres(second) / MetresPerDegree, 0, second * 1_000L, accuracy)))];
    }
}
