using System.Diagnostics;
using System.Net;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Releases;

/// <summary>A gateway as a process of its own, stopped as an orchestrator stops it.</summary>
public sealed class StoppingGatewayTests(Servers servers)
{
    [Fact]
    public async Task A_gateway_that_is_told_to_stop_is_unready_then_refuses_then_sends_everybody_away_before_it_ends()
    {
        const int Sessions = 12;
        var drainDelay = TimeSpan.FromSeconds(6);
        await using var system = await NearbySystem.StartAsync(servers);
        await using var gateway = await system.StartGatewayProcessAsync(
            ("Gateway:DrainDelay", drainDelay.ToString()), ("Gateway:DrainPerSecond", "4"), ("Gateway:DrainTime", "00:01:00"),
            ("shutdownTimeoutSeconds", "1")); // the host's own patience, shorter than the drain like its default of 30 s
        var users = await system.NewCrowdAsync(Sessions);
        var clients = new List<WireClient>();
        foreach (var user in users)
        {
            clients.Add(await OpenAsync(user));
        }

        var told = Stopwatch.GetTimestamp();
        var ended = gateway.TerminateAsync();
        await Eventually.True(async () => await HealthAsync() == HttpStatusCode.ServiceUnavailable, "its readiness fails");
        clients.Add(await OpenAsync(users[0])); // from a balancer that has not noticed

        var last = 0L;
        await Task.WhenAll(clients.Select(async client =>
        {
            Assert.InRange((await client.ExpectAsync("reconnect")).GetProperty("afterMs").GetInt32(), 1, 1_000);
            await RefusesAsync();
            Assert.Equal(1012, await client.ExpectCloseAsync());
            Interlocked.Exchange(ref last, Stopwatch.GetTimestamp());
        }));

        Assert.Equal(0, await ended);
        // Counted from before the signal to after the last close, so a busy machine only prolongs it.
        Assert.True(Stopwatch.GetElapsedTime(told, last) > drainDelay + TimeSpan.FromSeconds(2), "13 sessions leave over three seconds");
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        async Task<WireClient> OpenAsync(TestUser user)
        {
            var client = await WireClient.ConnectAsync(gateway.Address!, user.Token);
            await client.ExpectAsync("welcome");
            return client;
        }

        async Task<HttpStatusCode> HealthAsync()
        {
            using var answer = await system.CallAsync(HttpMethod.Get, new Uri(gateway.Address!, "health").ToString(), null, null);
            return answer.StatusCode;
        }

        // Once the first was sent away nobody gets in any more, up to the end of the process.
        async Task RefusesAsync()
        {
            try
            {
                await using var refused = await WireClient.ConnectAsync(gateway.Address!, users[1].Token);
                Assert.Equal(1012, await refused.ExpectCloseAsync());
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                // it has ended
            }
        }
    }
}
