using NearbyFriends.Tools;

namespace NearbyFriends.UnitTests.Tools;

public sealed class DurationTests
{
    [Theory]
    [InlineData("2h", 7_200_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("500ms", 500)]
    [InlineData("00:10:00", 600_000)]
    public void Durations_are_read(string text, int milliseconds) => Assert.Equal(milliseconds, Durations.Parse(text)!.Value.TotalMilliseconds);

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("two hours")]
    [InlineData("1h-5m")]
    public void What_is_no_duration_is_refused(string text) => Assert.Null(Durations.Parse(text));
}
