using FsCheck;
using FsCheck.Fluent;
using NearbyFriends.Gateway.Draining;

namespace NearbyFriends.UnitTests.Draining;

public sealed class DrainPaceTests
{
    [Theory]
    [InlineData(300, 30, 100)]
    [InlineData(1, 1, 1_000)]
    [InlineData(0.1, 1, 10_000)]
    [InlineData(25, 2, 80)]
    public void Sessions_leave_in_batches_of_a_tenth_of_a_second_or_one_by_one(double perSecond, int batch, int milliseconds)
    {
        var pace = new DrainPace(perSecond);

        Assert.Equal((batch, TimeSpan.FromMilliseconds(milliseconds)), (pace.BatchSize, pace.BatchTime));
    }

    [Fact]
    public void A_hundred_thousand_sessions_at_300_a_second_take_five_and_a_half_minutes() =>
        Assert.Equal(333, new DrainPace(300).TimeFor(100_000).TotalSeconds, tolerance: 1);

    [Fact]
    public void Arrivals_never_exceed_the_rate_over_any_second() => Prop.ForAll(Gen.Choose(1, 5_000).ToArbitrary(), perSecond =>
    {
        var pace = new DrainPace(perSecond);
        var arrivals = Enumerable.Range(0, 4 * perSecond)
            .Select(i => ((i / pace.BatchSize) * pace.BatchTime.TotalMilliseconds) + pace.ReconnectAfterMs(i % pace.BatchSize)).ToArray();

        for (var (first, last) = (0, 0); last < arrivals.Length; last++)
        {
            while (arrivals[last] - arrivals[first] >= 1_000)
            {
                first++;
            }

            Assert.InRange(last - first + 1, 1, perSecond + (perSecond / 1_000) + 1); // moments are whole milliseconds
        }
    }).QuickCheckThrowOnFailure();
}
