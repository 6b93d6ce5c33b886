using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Gateway.Protocol;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>One session core behind each transport: the same story, told three ways.</summary>
public sealed class TransportTests(Servers servers)
{
    private const double Latitude = 51.4778;
    private const double Longitude = -0.0014;
    private const double Kilometre = 1 / 111.195;

    public static TheoryData<string> Transports => ["json", "protobuf", "stream"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_friend_is_listed_moves_and_leaves(string transport)
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await b.ConnectAsync(gateway: 1);
        await friend.LocateAsync(Latitude + Kilometre, Longitude);
        await friend.ExpectAsync("nearby");

        await using var watcher = await TransportClient.OpenAsync(transport, system.Gateways[0], a);
        var welcome = await watcher.ExpectAsync("welcome");
        await watcher.LocateAsync(Latitude, Longitude);
        var nearby = await watcher.ExpectAsync("nearby");
        await friend.LocateAsync(Latitude + (2 * Kilometre), Longitude);
        var moved = await watcher.ExpectAsync("friends", m => m.GetProperty("moved").GetArrayLength() == 1);
        await friend.LocateAsync(Latitude + (30 * Kilometre), Longitude);
        var left = await watcher.ExpectAsync("friends", m => m.GetProperty("left").GetArrayLength() == 1);

        Assert.Equal(a.Id, welcome.GetProperty("userId").GetString());
        Assert.True(welcome.GetProperty("sharing").GetBoolean());
        var listed = Assert.Single(nearby.GetProperty("friends").EnumerateArray());
        Assert.Equal((b.Id, b.Name), (listed.GetProperty("id").GetString(), listed.GetProperty("name").GetString()));
        Assert.Equal(1000, listed.GetProperty("distance").GetDouble(), tolerance: 1);
        Assert.Equal(Latitude + Kilometre, listed.GetProperty("lat").GetDouble(), tolerance: 1e-6);
        Assert.Equal(Longitude, listed.GetProperty("lon").GetDouble(), tolerance: 1e-6);
        Assert.Equal(2000, moved.GetProperty("moved")[0].GetProperty("distance").GetDouble(), tolerance: 1);
        Assert.Equal("away", left.GetProperty("left")[0].GetProperty("reason").GetString());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Changes_of_friendship_and_sharing_arrive(string transport)
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var a = await system.NewUserAsync("Ada");
        var b = await system.NewUserAsync("Bo");
        await using var watcher = await TransportClient.OpenAsync(transport, system.Gateways[0], a);
        await watcher.ExpectAsync("welcome");

        var request = (await b.SendAsync(HttpMethod.Post, "v1/friend-requests", new { userId = a.Id })).GetProperty("id").GetString();
        var received = await watcher.ExpectAsync("friendRequest");
        await b.SendAsync(HttpMethod.Delete, $"v1/friend-requests/{request}");
        var closed = await watcher.ExpectAsync("friendRequest");
        await NearbySystem.BefriendAsync(a, b);
        var sent = await watcher.ExpectAsync("friendRequest");
        var added = await watcher.ExpectAsync("friendAdded");
        await a.SendAsync(HttpMethod.Delete, $"v1/friends/{b.Id}");
        var removed = await watcher.ExpectAsync("friendRemoved");
        await a.SendAsync(HttpMethod.Patch, "v1/me", new { sharing = false });
        var sharing = await watcher.ExpectAsync("sharing");

        Assert.Equal((request, b.Id, a.Id, "pending"), RequestIn(received));
        Assert.Equal(b.Name, received.GetProperty("name").GetString());
        Assert.Equal((request, b.Id, a.Id, "closed"), RequestIn(closed));
        Assert.Equal((a.Id, b.Id), (sent.GetProperty("from").GetString(), sent.GetProperty("to").GetString()));
        Assert.Equal((b.Id, b.Name), (added.GetProperty("friend").GetProperty("id").GetString(), added.GetProperty("friend").GetProperty("name").GetString()));
        Assert.Equal(b.Id, removed.GetProperty("id").GetString());
        Assert.False(sharing.GetProperty("sharing").GetBoolean());

        static (string?, string?, string?, string?) RequestIn(JsonElement m) =>
            (m.GetProperty("id").GetString(), m.GetProperty("from").GetString(), m.GetProperty("to").GetString(), m.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("json")]
    [InlineData("protobuf")]
    public async Task An_error_names_its_code_and_echoes_the_ref(string transport)
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var a = await system.NewUserAsync("Ada");
        await using var client = await TransportClient.OpenAsync(transport, system.Gateways[0], a);

        await client.LocateAsync(91, 0, "r7");

        var error = await client.ExpectAsync("error");
        Assert.Equal(("invalid_location", "r7"), (error.GetProperty("code").GetString(), error.GetProperty("ref").GetString()));
    }

    [Fact]
    public async Task A_stream_without_a_valid_token_or_ticket_is_refused()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var stream = new Uri(system.Gateways[0], "/v1/nearby/stream").ToString();

        using var without = await system.CallAsync(HttpMethod.Get, stream, null, null);
        using var withBadTicket = await system.CallAsync(HttpMethod.Get, $"{stream}?ticket=none", null, null);

        Assert.Equal((401, 401), ((int)without.StatusCode, (int)withBadTicket.StatusCode));
    }

    [Fact]
    public async Task A_peer_that_answers_no_ping_is_noticed()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:PingEvery", "00:00:01"), ("Gateway:PingTimeout", "00:00:01"));
        var user = await system.NewUserAsync("Ada");
        await using var silent = await WireClient.ConnectWithoutReadingAsync(system.Gateways[0], user.Token); // who reads nothing answers nothing
        var sessions = system.GatewayServices[0].GetRequiredService<SessionRegistry>();
        await Eventually.True(() => sessions.Count == 1, "the session is open");

        await Eventually.True(() => sessions.Count == 0, "the session ends");
    }

    [Fact]
    public async Task A_peer_that_answers_no_close_is_cut_off()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        await using var silent = await WireClient.ConnectWithoutReadingAsync(system.Gateways[0], user.Token);
        var sessions = system.GatewayServices[0].GetRequiredService<SessionRegistry>();
        await Eventually.True(() => sessions.Count == 1, "the session is open");

        await sessions.All.Single().CloseAsync(CloseCodes.TokenExpired, "The access token expired.");

        await Eventually.True(() => sessions.Count == 0, "the session ends without an answer");
    }
}
