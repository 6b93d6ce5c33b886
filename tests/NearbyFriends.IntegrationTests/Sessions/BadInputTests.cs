using System.Globalization;
using System.Net.WebSockets;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>Whatever a client sends, it gets the answer of PROTOCOL, and nobody else notices.</summary>
public sealed class BadInputTests(Servers servers)
{
    private const double Latitude = -33.8568;
    private const double Longitude = 151.2153;

    [Fact]
    public async Task Each_bad_message_is_answered_and_the_session_goes_on()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var other = await b.ConnectAsync(gateway: 0);
        await other.LocateAsync(Latitude, Longitude);
        await other.ExpectAsync("nearby");
        await using var client = await a.ConnectAsync(gateway: 0);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var hour = 3_600_000;
        (string Text, string Code, string Names)[] cases =
        [
            ("not json", "invalid_message", "JSON"),
            ("[]", "invalid_message", "object"),
            ("{}", "invalid_message", "type"),
            ("{\"type\":\"dance\"}", "invalid_message", "type"),
            ("{\"type\":7}", "invalid_message", "type"),
            ("{\"type\":\"location\",\"lat\":NaN,\"lon\":0,\"time\":" + now + "}", "invalid_message", "JSON"),
            ("{\"type\":\"location\",\"lat\":91,\"lon\":0,\"time\":" + now + "}", "invalid_location", "lat"),
            ("{\"type\":\"location\",\"lat\":\"1\",\"lon\":0,\"time\":" + now + "}", "invalid_location", "lat"),
            ("{\"type\":\"location\",\"lat\":0,\"lon\":-180.1,\"time\":" + now + "}", "invalid_location", "lon"),
            ("{\"type\":\"location\",\"lat\":1,\"lon\":0}", "invalid_location", "time"),
            ("{\"type\":\"location\",\"lat\":1,\"lon\":0,\"time\":\"" + now + "\"}", "invalid_location", "time"),
            ("{\"type\":\"location\",\"lat\":1,\"lon\":0,\"time\":" + now + ",\"accuracy\":-1}", "no_fix", "accuracy"),
            ("{\"type\":\"location\",\"lat\":0,\"lon\":0,\"time\":" + now + "}", "no_fix", "lat"),
            ("{\"type\":\"locations\",\"items\":[]}", "invalid_message", "items"),
            ("{\"type\":\"page\"}", "invalid_message", "cursor"),
            ("{\"type\":\"radius\",\"metres\":99}", "invalid_radius", "metres"),
            ("{\"type\":\"pace\",\"flushMs\":499}", "invalid_pace", "flushMs"),
            ("{\"type\":\"location\",\"lat\":1,\"lon\":0,\"time\":" + (long.Parse(now, CultureInfo.InvariantCulture) + hour) + "}", "clock_skew", "time"),
            ("{\"type\":\"location\",\"lat\":1,\"lon\":0,\"time\":" + (long.Parse(now, CultureInfo.InvariantCulture) - (25 * hour)) + "}", "too_old", "time"),
            ("{\"type\":\"follow\"}", "no_location", "location"),
            ("{\"type\":\"page\",\"cursor\":\"bm9uc2Vuc2U\"}", "cursor_expired", "cursor"),
            ("{\"type\":\"page\",\"cursor\":\"no base64!\"}", "cursor_expired", "cursor"),
            ("{\"type\":\"token\",\"accessToken\":\"x.y.z\"}", "invalid_token", "accessToken"),
        ];

        foreach (var (text, code, names) in cases)
        {
            await client.SendTextAsync(text);
            var error = await client.ExpectAsync("error");
            Assert.Equal((code, text), (error.GetProperty("code").GetString(), text));
            Assert.Contains(names, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        await client.LocateAsync(Latitude, Longitude, reference: "still here");
        await client.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == 1);
        await other.ExpectMovedAsync(a);
        Assert.DoesNotContain(other.Received, m => m.GetProperty("type").GetString() == "error");
    }

    [Fact]
    public async Task An_error_echoes_the_ref_and_clock_skew_tells_the_time()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        await using var client = await user.ConnectAsync();

        await client.LocateAsync(1, 0, DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(), reference: "r1");

        var error = await client.ExpectAsync("error");
        Assert.Equal("r1", error.GetProperty("ref").GetString());
        Assert.True(Math.Abs(error.GetProperty("now").GetInt64() - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()) < 60_000);
    }

    [Fact]
    public async Task Twenty_offences_close_the_session()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        await using var client = await user.ConnectAsync();

        for (var i = 0; i < 20; i++)
        {
            await client.SendTextAsync("nonsense");
        }

        Assert.Equal(1008, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_message_over_16_KiB_closes_the_session_and_one_of_16_KiB_does_not()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        await using var client = await user.ConnectAsync();
        const string Start = "{\"type\":\"background\",\"x\":\"";

        await client.SendTextAsync(Start + new string('x', 16_384 - Start.Length - 2) + "\"}");
        await client.SendTextAsync("{\"type\":\"dance\"}");
        await client.ExpectAsync("error");
        await client.SendTextAsync(Start + new string('x', 16_385 - Start.Length - 2) + "\"}");

        Assert.Equal(1009, await client.ExpectCloseAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no.token.atall")]
    public async Task Without_a_valid_token_there_is_no_upgrade(string? token)
    {
        await using var system = await NearbySystem.StartAsync(servers);

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => WireClient.ConnectAsync(system.Gateways[0], token));

        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_a_user_who_does_not_exist_closes_with_4403()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        await user.SendAsync(HttpMethod.Delete, "v1/me");

        await using var client = await WireClient.ConnectAsync(system.Gateways[0], user.Token);

        Assert.Equal(4403, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_ticket_opens_one_socket_and_a_used_one_is_closed_with_4401()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        var ticket = (await user.SendAsync(HttpMethod.Post, "v1/tickets")).GetProperty("ticket").GetString();

        await using var first = await WireClient.ConnectAsync(system.Gateways[0], null, $"?ticket={ticket}");
        await first.ExpectAsync("welcome");
        await using var second = await WireClient.ConnectAsync(system.Gateways[0], null, $"?ticket={ticket}");

        Assert.Equal(4401, await second.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_page_of_an_origin_that_is_not_listed_may_not_connect()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Origins:0", "https://map.example"));
        var user = await system.NewUserAsync("Ada");

        var refused = await Assert.ThrowsAsync<WebSocketException>(
            () => WireClient.ConnectAsync(system.Gateways[0], user.Token, origin: "https://evil.example"));
        await using var allowed = await WireClient.ConnectAsync(system.Gateways[0], user.Token, origin: "https://map.example");

        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        await allowed.ExpectAsync("welcome");
    }

    [Fact]
    public async Task A_page_that_is_refused_may_read_when_to_come_back()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Origins:0", "https://map.example"));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(system.Gateways[0], "v1/location"));
        request.Headers.Add("Origin", "https://map.example");

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.False(response.IsSuccessStatusCode);
        var readable = response.Headers.GetValues("Access-Control-Expose-Headers").SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries));
        Assert.Equal(["Date", "Retry-After"], readable.Order(StringComparer.Ordinal));
    }
}
