using System.Globalization;
using System.Text.Json;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>No token, ticket, coordinate or unhashed user id reaches a log, trace or metric.</summary>
public sealed class LeakTests(Servers servers)
{
    // Digits that appear nowhere else.
    private const double Latitude = 43.7384176;
    private const double Longitude = -79.4246158;

    [Fact]
    public async Task Nothing_of_a_life_with_errors_and_a_lost_cache_is_exported()
    {
        using var telemetry = new ExportedTelemetry();
        await using var system = await NearbySystem.StartAsync(
            servers, telemetry.Observe, ("Gateway:Flush", "00:00:00"), ("Logging:LogLevel:Default", "Trace"), ("Telemetry:SampleRatio", "1"), ("Telemetry:TracesPerSecond", "0"));
        var circle = await system.NewCircleAsync("Ada", "Bo", "Cy", "Di");
        var (a, b, c, d) = (circle[0], circle[1], circle[2], circle[3]);
        var ticket = (await b.SendAsync(HttpMethod.Post, "v1/tickets")).GetProperty("ticket").GetString()!;

        await using var first = await a.ConnectAsync(gateway: 0);
        await using var second = await WireClient.ConnectAsync(system.Gateways[1], null, $"?ticket={ticket}");
        await second.ExpectAsync("welcome");
        await first.LocateAsync(Latitude, Longitude);
        await first.ExpectAsync("nearby");
        await second.LocateAsync(Latitude, Longitude);
        await first.ExpectMovedAsync(b);
        await PostAsync(c);
        await first.ExpectMovedAsync(c);
        await using var reused = await WireClient.ConnectAsync(system.Gateways[1], null, $"?ticket={ticket}");
        Assert.Equal(4401, await reused.ExpectCloseAsync());
        await OffendAsync(first, b.Token + "x");
        await a.SendAsync(HttpMethod.Get, "v1/nearby");
        await a.SendAsync(HttpMethod.Get, "v1/me");
        await a.SendAsync(HttpMethod.Delete, $"v1/friends/{c.Id}");
        await first.ExpectLeftAsync(c);
        await c.SendAsync(HttpMethod.Put, $"v1/blocks/{a.Id}");
        await b.ShareAsync(false);
        await first.ExpectLeftAsync(b);
        await c.SendAsync(HttpMethod.Delete, "v1/me");

        // What fails is logged with its reason: all servers go away.
        await system.Cache.KillAsync();
        foreach (var server in system.PubSub)
        {
            await server.KillAsync();
        }

        await first.LocateAsync(Latitude, Longitude);
        await using var without = await d.ConnectAsync(gateway: 0);
        await without.ExpectAsync("error", m => m.GetProperty("code").GetString() == "partial");
        using var failed = await system.CallAsync(HttpMethod.Get, "v1/nearby", a.Token, null);
        using var unshared = await system.CallAsync(HttpMethod.Patch, "v1/me", a.Token, new { sharing = false });
        await Eventually.True(() => telemetry.Texts.Any(text => text.Contains("location cache is unavailable", StringComparison.Ordinal)), "the log says that the cache is unavailable");

        string[] secrets =
        [
            .. circle.SelectMany(user => new[] { user.Id, user.Token, user.Token.Split('.')[2] }),
            ticket,
            Latitude.ToString(CultureInfo.InvariantCulture), Longitude.ToString(CultureInfo.InvariantCulture),
            "437384176", "794246158",
        ];
        var leaks = telemetry.Texts.Where(text => Array.Exists(secrets, secret => text.Contains(secret, StringComparison.Ordinal))).Distinct().ToArray();
        Assert.True(leaks.Length == 0, $"{leaks.Length} of {telemetry.Texts.Count} leak:\n{string.Join('\n', leaks)}");
        Assert.All(["span ", "log ", "metric "], kind => Assert.Contains(telemetry.Texts, text => text.StartsWith(kind, StringComparison.Ordinal)));
        Assert.Contains(telemetry.Texts, text => text.Contains("receive location", StringComparison.Ordinal));
    }

    /// <summary>Errors that quote what was sent.</summary>
    private static async Task OffendAsync(WireClient client, string token)
    {
        await client.SendAsync(new { type = "location", lat = Latitude * 10, lon = Longitude, time = 0 });
        await client.ExpectAsync("error");
        await client.SendTextAsync($"{{\"type\":\"location\",\"lat\":{Latitude.ToString(CultureInfo.InvariantCulture)},");
        await client.ExpectAsync("error");
        await client.SendAsync(new { type = "token", accessToken = token });
        await client.ExpectAsync("error");
    }

    private static async Task PostAsync(TestUser user)
    {
        var address = new Uri(user.System.Gateways[0], "v1/location").ToString();
        var point = JsonSerializer.SerializeToElement(new { lat = Latitude, lon = Longitude, time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() });
        using var response = await user.System.CallAsync(HttpMethod.Post, address, user.Token, point);
        Assert.Equal(202, (int)response.StatusCode);
    }
}
