using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.LocationCache.Tickets;

namespace NearbyFriends.IntegrationTests.Api;

[Collection(ApiCollection.Name)]
public sealed class TicketTests(ApiReplicas api)
{
    [Fact]
    public async Task A_ticket_stands_for_its_user_and_token_once()
    {
        var alice = await api.First.RegisterAsync();
        var tickets = api.Second.Services.GetRequiredService<TicketStore>();

        var issued = await alice.Call.PostAsync("v1/tickets");
        var redeemed = await tickets.RedeemAsync(issued.Text("ticket"));

        Assert.Equal((200, 30), (issued.Status, issued.Body.GetProperty("expiresIn").GetInt32()));
        Assert.Equal(alice.Number, redeemed!.Value.UserId);
        Assert.True(redeemed.Value.TokenExpiresAt > DateTimeOffset.UtcNow);
        Assert.Null(await tickets.RedeemAsync(issued.Text("ticket")));
    }

    [Fact]
    public async Task Of_many_who_redeem_a_ticket_at_once_one_gets_it()
    {
        var alice = await api.First.RegisterAsync();
        var ticket = (await alice.Call.PostAsync("v1/tickets")).Text("ticket");

        var redeemed = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            (i % 2 == 0 ? api.First : api.Second).Services.GetRequiredService<TicketStore>().RedeemAsync(ticket)));

        Assert.Single(redeemed, one => one is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_ticket_stands_for_nobody(string ticket) =>
        Assert.Null(await api.First.Services.GetRequiredService<TicketStore>().RedeemAsync(ticket));
}
