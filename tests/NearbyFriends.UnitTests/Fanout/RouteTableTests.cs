using NearbyFriends.Fanout.Channels;


namespace NearbyFriends.UnitTests.Fanout;

public sealed class RouteTableTests
{
    [Fact]
    public void A_table_that_was_replaced_takes_no_sends()
    {
        var table = RouteTable.Of(new Route([], []), 4);

        Assert.True(table.TryBeginSend());
        table.EndSend();
        Assert.True(table.RetireAsync().IsCompletedSuccessfully);

        Assert.False(table.TryBeginSend());
    }

    [Fact]
    public async Task A_table_retires_when_its_last_send_has_ended()
    {
        var table = RouteTable.Of(new Route([], []), 4);
        Assert.True(table.TryBeginSend());

        var retired = table.RetireAsync();

        Assert.False(retired.IsCompleted);
        table.EndSend();
        await retired;
    }
}
