using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>What is over a limit is answered, and hurts nobody else.</summary>
public sealed class LimitTests(Servers servers)
{
    [Fact]
    public async Task Locations_beyond_the_burst_are_rate_limited_and_the_session_goes_on()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:UpdatesPerSecond", "0.001"), ("Gateway:UpdateBurst", "2"));
        var user = await system.NewUserAsync("Ada");
        await using var client = await user.ConnectAsync();

        for (var i = 1; i <= 3; i++)
            await client.LocateAsync(1, 0, reference: $"{i}");

        var error = await client.ExpectAsync("error");
        Assert.Equal(("rate_limited", "3"), (error.GetProperty("code").GetString(), error.GetProperty("ref").GetString()));
        await client.SendAsync(new { type = "foreground" });
        await client.ExpectAsync("nearby");
    }

    [Fact]
    public async Task One_session_more_than_allowed_is_closed_with_4429_and_the_others_stay()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:SessionsPerUser", "2"));
        var user = await system.NewUserAsync("Ada");
        await using var first = await user.ConnectAsync();
        await using var second = await user.ConnectAsync();

        await using var third = await WireClient.ConnectAsync(system.Gateways[0], user.Token);

        Assert.Equal(4429, await third.ExpectCloseAsync());
        await first.LocateAsync(1, 0);
        await first.ExpectAsync("nearby");
        await second.DisposeAsync();
        await Eventually.True(
            async () =>
            {
                await using var next = await WireClient.ConnectAsync(system.Gateways[0], user.Token);
                return await next.OpensAsync();
            },
            "a place is free once a session left");
    }

    [Fact]
    public async Task A_client_that_asks_and_does_not_read_is_closed_and_others_go_on()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:SendTimeout", "00:00:01"), ("Gateway:Flush", "00:00:00"));
        var circle = await system.NewCircleAsync("Ada", "Bo", "Cy");
        var (a, b) = (circle[0], circle[1]);
        await using var stalled = await WireClient.ConnectWithoutReadingAsync(system.Gateways[0], circle[2].Token);
        await using var watcher = await a.ConnectAsync(gateway: 0);
        await using var friend = await b.ConnectAsync(gateway: 0);
        await watcher.LocateAsync(1, 0);
        await watcher.ExpectAsync("nearby");

        // Each question has an answer of its own; nobody reads them, so the way back fills up.
        var question = $"{{\"type\":\"page\",\"cursor\":\"none\",\"ref\":\"{new string('r', 64)}\"}}";
        await stalled.SendUntilClosedAsync(question);

        Assert.True(stalled.CloseCode is 4408 or null, $"closed with {stalled.CloseCode}");
        await friend.LocateAsync(1.001, 0);
        await watcher.ExpectMovedAsync(b);
    }
}
