using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

public sealed class PageCursorTests
{
    [Fact]
    public void A_cursor_is_read_as_it_was_written() =>
        Assert.Equal(new PageCursor(7, 40), PageCursor.TryParse(new PageCursor(7, 40).ToString()));

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("MS8w")] // 1/0
    [InlineData("MS8tMQ")] // 1/-1
    [InlineData("MS8yLzM")] // 1/2/3
    [InlineData("MS85OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5")]
    public void Anything_else_is_no_cursor(string text) => Assert.Null(PageCursor.TryParse(text));
}
