using NearbyFriends.Client.Connection;
using NearbyFriends.Client.Locations;
using NearbyFriends.Client.Wire;

namespace NearbyFriends.UnitTests.Client;

public sealed class ConnectionRuleTests
{
    [Fact]
    public void After_a_401_it_refreshes_the_token_first()
    {
        Assert.Equal(Verdict.RefreshToken, CloseCodes.JudgeHttp(401).Verdict);
        Assert.Equal(Verdict.Retry, CloseCodes.JudgeHttp(503).Verdict);
    }

    [Fact]
    public void Waits_double_up_to_the_longest_and_are_spread()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), new Random(7));
        foreach (var step in (int[])[1, 2, 4, 8, 16, 30, 30, 30])
        {
            Assert.InRange(backoff.Next().TotalSeconds, 0, step);
        }

        backoff.Reset();
        Assert.InRange(backoff.Next().TotalSeconds, 0, 1);

        var random = new Random(7);
        var waits = Enumerable.Range(0, 1_000).Select(_ => new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), random).Next());
        Assert.InRange(waits.Distinct().Count(), 950, 1_000);
    }

    [Fact]
    public void Offline_points_leave_in_messages_of_fifty_with_the_newest_first_and_stay_until_confirmed()
    {
        var points = new OfflinePoints(120, LocationItem.BytesOf);
        for (var time = 1; time <= 130; time++)
        {
            points.Add(new(1, 0, time));
        }

        Assert.Equal(10, points.Dropped);
        var messages = points.Messages(oldest: 21);
        Assert.Equal([(81, 130), (31, 80), (21, 30)], messages.Select(message => ((int)message[0].Time, (int)message[^1].Time)));
        Assert.Equal(120, points.Count);

        points.Confirm(messages[0].ToHashSet());

        Assert.Equal([(31, 80), (21, 30)], points.Messages(oldest: 21).Select(message => ((int)message[0].Time, (int)message[^1].Time)));
    }
}
