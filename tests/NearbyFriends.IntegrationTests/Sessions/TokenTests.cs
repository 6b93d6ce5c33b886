using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>A socket lives as long as its token, or the token that renewed it.</summary>
public sealed class TokenTests(Servers servers)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_socket_whose_token_expires_is_closed_with_4401_unless_it_was_renewed()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        await using var expiring = await WireClient.ConnectAsync(system.Gateways[0], NearbySystem.TokenOf(user, Short));
        await using var renewed = await WireClient.ConnectAsync(system.Gateways[0], NearbySystem.TokenOf(user, Short));
        await expiring.ExpectAsync("welcome");
        await renewed.ExpectAsync("welcome");

        await renewed.SendAsync(new { type = "token", accessToken = user.Token, @ref = "new" });
        var answer = await renewed.ExpectAsync("token");

        Assert.Equal("new", answer.GetProperty("ref").GetString());
        Assert.True(answer.GetProperty("expiresAt").GetInt64() > DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds());
        Assert.Equal(4401, await expiring.ExpectCloseAsync());
        await renewed.LocateAsync(1, 0);
        await renewed.ExpectAsync("nearby");
        Assert.Null(renewed.CloseCode);
    }

    [Fact]
    public async Task The_token_of_somebody_else_renews_nothing()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        var other = await system.NewUserAsync("Bo");
        await using var client = await WireClient.ConnectAsync(system.Gateways[0], NearbySystem.TokenOf(user, Short));

        await client.SendAsync(new { type = "token", accessToken = other.Token, @ref = "theirs" });
        var error = await client.ExpectAsync("error");

        Assert.Equal(("invalid_token", "theirs"), (error.GetProperty("code").GetString(), error.GetProperty("ref").GetString()));
        Assert.Equal(4401, await client.ExpectCloseAsync());
    }
}
