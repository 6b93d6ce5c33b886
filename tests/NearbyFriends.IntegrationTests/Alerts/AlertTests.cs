using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Api.Notices;
using NearbyFriends.Core;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.LocationCache;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Alerts;

/// <summary>People who want to be told when a friend comes near.</summary>
public sealed class AlertTests(Servers servers)
{
    private const double Latitude = 48.85833;
    private const double Longitude = 2.29513;
    private const double Kilometre = 0.008993; // degrees of latitude

    /// <summary>A delivery that is too old to be made, with a member that is not known yet.</summary>
    private const string OfTheNextVersion = """{"notice":{"kind":0,"id":"old","userId":1,"otherId":2,"time":1},"to":"webhook","next":true}""";

    [Fact]
    public async Task Each_session_is_told_once_of_an_approach_that_two_gateways_see_and_never_of_who_is_not_shown_exactly()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:UpdateBurst", "20"));
        var people = await system.NewCircleAsync("Ada", "Bo", "Cy", "Di");
        var (a, b, c, d) = (people[0], people[1], people[2], people[3]);
        await c.SendAsync(HttpMethod.Put, $"v1/friends/{a.Id}/visibility", new { shows = "approximate" });
        var set = await a.SendAsync(HttpMethod.Put, "v1/alerts/anyone", new { within = 500 });
        Assert.Equal(("anyone", 500, 3600), (set.GetProperty("userId").GetString(), set.GetProperty("within").GetInt32(), set.GetProperty("cooldown").GetInt32()));
        await using var first = await a.ConnectAsync(gateway: 0);
        await using var second = await a.ConnectAsync(gateway: 1);
        await using var bo = await b.ConnectAsync(gateway: 1);
        await using var cy = await c.ConnectAsync(gateway: 0);
        await using var di = await d.ConnectAsync(gateway: 0);
        await first.LocateAsync(Latitude, Longitude);
        await first.ExpectAsync("nearby");

        foreach (var kilometres in new[] { 2, 0.4, 0.3, 0.2 })
        {
            await bo.LocateAsync(Latitude + (kilometres * Kilometre), Longitude);
        }

        await cy.LocateAsync(Latitude, Longitude);
        foreach (var session in new[] { first, second })
        {
            var alert = await session.ExpectAsync("alert");
            Assert.Equal((b.Id, "Bo"), (alert.GetProperty("friend").GetProperty("id").GetString(), alert.GetProperty("friend").GetProperty("name").GetString()));
            Assert.InRange(alert.GetProperty("distance").GetDouble(), 199, 401);
        }

        // Another distance for one friend, set while all are connected, counts instead of that of anyone.
        await a.SendAsync(HttpMethod.Put, $"v1/alerts/{d.Id}", new { within = 3_000, cooldown = 60 });
        await di.LocateAsync(Latitude + (2 * Kilometre), Longitude);
        foreach (var session in new[] { first, second })
        {
            await session.ExpectAsync("alert", message => message.GetProperty("friend").GetProperty("id").GetString() == d.Id);
            Assert.Equal(2, session.Types().Count(type => type == "alert"));
        }

        Assert.Equal(["anyone", d.Id], (await a.SendAsync(HttpMethod.Get, "v1/alerts")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("userId").GetString()));
        await a.SendAsync(HttpMethod.Delete, $"v1/friends/{d.Id}");
        Assert.Single((await a.SendAsync(HttpMethod.Get, "v1/alerts")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task An_alert_that_comes_before_the_location_that_caused_it_is_shown()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var session = await a.ConnectAsync(gateway: 0);
        var (gateway, now) = (system.GatewayServices[0], DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        await gateway.GetRequiredService<RedisLocationCache>().WriteAsync(b.Number, 1, Location.FromDegrees(Latitude, Longitude, now)); // and no frame

        gateway.GetRequiredService<SessionNotices>().Show(new Alert(a.Number, b.Number, 400, now));

        var alert = await session.ExpectAsync("alert");
        Assert.Equal("Bo", alert.GetProperty("friend").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Who_has_no_session_is_pushed_an_alert_and_a_friend_request_once_each_and_the_webhook_gets_them_signed()
    {
        await using var push = await PushService.StartAsync();
        await using var system = await NearbySystem.StartAsync(
            servers, [("Alerts:Webhook", push.Webhook), ("Alerts:WebhookSecret", PushService.Secret)], ("Gateway:UpdateBurst", "20"));
        var (a, b) = await system.NewFriendsAsync();
        await push.SubscribeAsync(a);
        await a.SendAsync(HttpMethod.Put, $"v1/alerts/{b.Id}", new { within = 500 });

        // Her locations come by POST, to one gateway and then another.
        await PostAsync(a, gateway: 0);
        await PostAsync(a, gateway: 1);
        await using var bo = await b.ConnectAsync(gateway: 1);
        await bo.LocateAsync(Latitude + (0.3 * Kilometre), Longitude);
        await Eventually.True(() => !push.Messages.IsEmpty, "the browser is pushed the alert, at the second attempt");
        var alert = push.Messages.Single();
        Assert.Equal(("alert", b.Id, "Bo"), (TypeOf(alert), alert.GetProperty("friend").GetProperty("id").GetString(), alert.GetProperty("friend").GetProperty("name").GetString()));
        Assert.Equal(300, alert.GetProperty("distance").GetDouble(), tolerance: 2);

        var c = await system.NewUserAsync("Cy");
        var request = (await c.SendAsync(HttpMethod.Post, "v1/friend-requests", new { userId = a.Id })).GetProperty("id").GetString();
        await c.SendAsync(HttpMethod.Delete, $"v1/friend-requests/{request}");
        await c.SendAsync(HttpMethod.Post, "v1/friend-requests", new { userId = a.Id }); // no second notice
        await Eventually.True(() => push.Messages.Count > 1, "the browser is pushed the friend request");
        var asked = push.Messages.Last();
        Assert.Equal(("friendRequest", request, c.Id), (TypeOf(asked), asked.GetProperty("id").GetString(), asked.GetProperty("from").GetProperty("id").GetString()));

        // What a session shows is sent nowhere else.
        await using (var session = await a.ConnectAsync())
        {
            var d = await system.NewUserAsync("Di");
            await d.SendAsync(HttpMethod.Post, "v1/friend-requests", new { userId = a.Id });
            await session.ExpectAsync("friendRequest", message => message.GetProperty("from").GetString() == d.Id);
            using var redis = await ConnectionMultiplexer.ConnectAsync(system.Cache.ConnectionString);

            // Nor is what no version wrote, and what a newer one wrote is ended too.
            await redis.GetDatabase().SortedSetAddAsync("notices", [new("no delivery", 0), new("null", 0), new(OfTheNextVersion, 0)]);
            await Eventually.True(async () => await redis.GetDatabase().SortedSetLengthAsync("notices") == 0, "nothing waits any more");
        }

        // A socket that is open and answers nothing, as that of a phone without a network: nobody was shown what it was sent.
        using (var silent = new ClientWebSocket())
        {
            silent.Options.SetRequestHeader("Authorization", $"Bearer {a.Token}");
            silent.Options.KeepAliveInterval = TimeSpan.Zero;
            await silent.ConnectAsync(new UriBuilder(new Uri(system.Gateways[0], "v1/ws")) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
            await silent.ReceiveAsync(new byte[4096], TestContext.Current.CancellationToken); // welcome; without a further read it answers no ping
            var e = await system.NewUserAsync("Eve");
            await e.SendAsync(HttpMethod.Post, "v1/friend-requests", new { userId = a.Id });
            await Eventually.True(() => push.Messages.Count > 2 && push.Hooked.Count > 2, "what a broken connection swallowed is pushed");
        }

        Assert.Equal(3, push.Hooked.Count);
        foreach (var (body, signature) in push.Hooked)
        {
            Assert.Equal(a.Id, JsonElement.Parse(body).GetProperty("userId").GetString());
            Assert.Equal(WebhookSender.Sign(body, long.Parse(signature[2..signature.IndexOf(',')]), PushService.Secret), signature);
        }

        Assert.Equal(3, push.Messages.Count);
        Assert.Single((await a.SendAsync(HttpMethod.Get, "v1/push-subscriptions")).GetProperty("items").EnumerateArray()); // the other is gone
    }

    private static string? TypeOf(JsonElement message) => message.GetProperty("type").GetString();

    private static async Task PostAsync(TestUser user, int gateway)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(user.System.Gateways[gateway], "v1/location"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", user.Token);
        request.Content = JsonContent.Create(new { lat = Latitude, lon = Longitude, time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() });
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(202, (int)answer.StatusCode);
    }
}
