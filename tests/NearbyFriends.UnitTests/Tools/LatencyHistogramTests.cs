using NearbyFriends.Tools;

namespace NearbyFriends.UnitTests.Tools;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void A_percentile_is_within_one_percent()
    {
        var histogram = new LatencyHistogram();
        Assert.Null(histogram.Percentile(0.5));
        for (var i = 1; i <= 10_000; i++)
        {
            histogram.Record(i / 10.0);
        }

        Assert.InRange(histogram.Percentile(0.5)!.Value, 495, 505);
        Assert.InRange(histogram.Percentile(0.99)!.Value, 980, 1_000);
    }
}
