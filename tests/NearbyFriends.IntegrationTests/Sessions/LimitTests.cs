using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Gateway.Transports;
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
        {
            await client.LocateAsync(1, 0, reference: $"{i}");
        }

        var error = await client.ExpectAsync("error");
        Assert.Equal(("rate_limited", "3"), (error.GetProperty("code").GetString(), error.GetProperty("ref").GetString()));
        await client.SendAsync(new { type = "foreground" });
        await client.ExpectAsync("nearby");
    }

    [Fact]
    public async Task Of_too_many_sessions_the_one_that_was_silent_longest_is_closed_with_4429()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:SessionsPerUser", "2"));
        var user = await system.NewUserAsync("Ada");
        await using var first = await user.ConnectAsync();
        await using var second = await user.ConnectAsync();
        await first.LocateAsync(1, 0);
        await first.ExpectAsync("nearby");

        await using var third = await user.ConnectAsync();

        Assert.Equal(4429, await second.ExpectCloseAsync());
        await first.SendAsync(new { type = "foreground" });
        await first.ExpectAsync("nearby");
        await third.SendAsync(new { type = "follow" });
        await third.ExpectAsync("nearby");
    }

    [Fact]
    public async Task While_too_many_connect_the_next_is_answered_503_before_any_work()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:ConnectsAtOnce", "1"), ("Gateway:ConnectsWaiting", "0"));
        var user = await system.NewUserAsync("Ada");
        using var turn = await system.GatewayServices[0].GetRequiredService<ConnectQueue>().EnterAsync(new DefaultHttpContext());

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => WireClient.ConnectAsync(system.Gateways[0], "not even a token"));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        using var stream = await system.CallAsync(HttpMethod.Get, new Uri(system.Gateways[0], "v1/nearby/stream").ToString(), user.Token, null);
        Assert.Equal((503, "5"), ((int)stream.StatusCode, stream.Headers.RetryAfter?.ToString()));

        turn!.Dispose();
        await using var client = await user.ConnectAsync();
    }

    [Fact]
    public async Task A_client_that_asks_and_does_not_read_is_closed_and_others_go_on()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:SendTimeout", "00:00:03"), ("Gateway:Flush", "00:00:00"), ("Gateway:WorkPerSecond", "0"));
        var circle = await system.NewCircleAsync("Ada", "Bo", "Cy");
        var (a, b) = (circle[0], circle[1]);
        await using var stalled = await WireClient.ConnectWithoutReadingAsync(system.Gateways[0], circle[2].Token, smallBuffers: true);
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
