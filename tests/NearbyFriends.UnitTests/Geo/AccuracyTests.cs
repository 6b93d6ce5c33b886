using NearbyFriends.Core.Geo;

namespace NearbyFriends.UnitTests.Geo;

public sealed class AccuracyTests
{
    [Fact]
    public void Below_128_metres_it_is_exact_to_a_metre()
    {
        for (var metres = 0; metres < 128; metres++)
        {
            Assert.Equal(metres, Accuracy.FromMetres(metres).Metres);
        }

        Assert.Equal(5, Accuracy.FromMetres(4.7f).Metres);
    }

    [Fact]
    public void Up_to_30_kilometres_it_is_off_by_a_thirtieth_and_never_by_more_than_a_step()
    {
        for (var metres = 128f; metres < 30_720; metres *= 1.01f)
        {
            Assert.InRange(Accuracy.FromMetres(metres).Metres!.Value, metres * 0.968, metres * 1.032);
        }
    }

    [Fact]
    public void It_is_made_once_what_is_told_stays_as_it_is_wherever_it_goes()
    {
        for (var code = 1; code <= byte.MaxValue; code++)
        {
            Assert.Equal(code, Accuracy.FromMetres(new Accuracy((byte)code).Metres!.Value).Code);
        }
    }

    [Theory]
    [InlineData(float.NaN, null)]
    [InlineData(-1, null)]
    [InlineData(1e9f, 30_720)]
    [InlineData(float.PositiveInfinity, 30_720)]
    public void What_no_device_should_report_is_unknown_or_the_most_there_is(float metres, int? told) =>
        Assert.Equal(told, Accuracy.FromMetres(metres).Metres);
}
