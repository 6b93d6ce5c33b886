using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using NearbyFriends.Gateway.Consent;
using NearbyFriends.Gateway.Operations;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Operations;

/// <summary>What operators see and do at gateways, whichever replica they ask.</summary>
public sealed class GatewayOperationsTests(Servers servers)
{
    private const double Latitude = 45.4642;
    private const double Longitude = 9.19;

    [Fact]
    public async Task Every_gateway_lists_all_of_them_with_what_they_do()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Flush", "00:00:00"), ("Gateway:UpdatesPerSecond", "0")); // 0: no limit
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var friend = await ArriveAsync(b, gateway: 1);

        // The rates are those of the last seconds, so both keep moving.
        var step = 0;
        JsonElement[] gateways = [];
        await Eventually.True(
            async () =>
            {
                var latitude = Latitude + (++step % 100 * 1e-5);
                await watcher.LocateAsync(latitude, Longitude);
                await friend.LocateAsync(latitude, Longitude);
                gateways = await ListAsync(system, gateway: 1);
                return gateways.Length == 2 && Array.TrueForAll(gateways, IsBusy);
            },
            "both gateways are listed with their session, rates and a latency");

        Assert.Equal(system.Gateways.Select(url => url.ToString().TrimEnd('/')).Order(), gateways.Select(g => g.GetProperty("url").GetString()).Order());
        Assert.All(gateways, g =>
        {
            Assert.NotEmpty(g.GetProperty("id").GetString()!);
            Assert.False(g.GetProperty("draining").GetBoolean());
            Assert.InRange(g.GetProperty("p50Ms").GetDouble(), 0, g.GetProperty("p99Ms").GetDouble());
            Assert.InRange(g.GetProperty("outboxP50Ms").GetDouble(), 0, g.GetProperty("outboxP99Ms").GetDouble());
            Assert.InRange(g.GetProperty("journalAgeSeconds").GetDouble(), 0, JournalProgress.CutOffAfter.TotalSeconds);
            Assert.Equal(0, g.GetProperty("appliedEpoch").GetInt64());
        });
        Assert.Equal(gateways.Select(IdOf), (await ListAsync(system, gateway: 0)).Select(IdOf));

        static bool IsBusy(JsonElement gateway) => gateway.GetProperty("sessions").GetInt32() == 1
            && Array.TrueForAll(["updatesPerSecond", "deliveriesPerSecond", "p99Ms"], figure => gateway.GetProperty(figure).GetDouble() > 0);
    }

    [Fact]
    public async Task A_gateway_that_drains_sends_its_clients_elsewhere_until_the_drain_is_taken_back()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var (a, b) = await system.NewFriendsAsync();
        await using var stays = await ArriveAsync(a, gateway: 0);
        await using var leaves = await ArriveAsync(b, gateway: 1);
        var drain = $"gateways/{await IdOfAsync(system, 1)}/drain";

        using var accepted = await system.OperateAsync(HttpMethod.Post, drain, gateway: 0);

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.InRange((await leaves.ExpectAsync("reconnect")).GetProperty("afterMs").GetInt32(), 1, 10_000);
        Assert.Equal(1012, await leaves.ExpectCloseAsync());
        await using var refused = await WireClient.ConnectAsync(system.Gateways[1], b.Token);
        Assert.Equal(1012, await refused.ExpectCloseAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(system, 1));
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(system, 0));
        await Eventually.True(async () => (await ListAsync(system, 0)).Count(g => g.GetProperty("draining").GetBoolean()) == 1, "one gateway is listed as draining");
        await stays.SendAsync(new { type = "foreground" });
        await stays.ExpectAsync("nearby");

        using var takenBack = await system.OperateAsync(HttpMethod.Delete, drain, gateway: 0);

        await Eventually.True(async () => await HealthAsync(system, 1) == HttpStatusCode.OK, "the gateway is ready again");
        await using var returned = await ArriveAsync(b, gateway: 1);
    }

    [Fact]
    public async Task Who_was_not_sent_away_yet_stays_when_a_drain_is_taken_back()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:DrainPerSecond", "0.01"), ("Gateway:DrainTime", "00:10:00"));
        var user = await system.NewUserAsync("Ada");
        var clients = new List<WireClient>();
        for (var i = 0; i < 3; i++)
        {
            clients.Add(await ArriveAsync(user, gateway: 0));
        }

        var drain = $"gateways/{await IdOfAsync(system, 0)}/drain";
        using var begun = await system.OperateAsync(HttpMethod.Post, drain);
        var first = await Task.WhenAny(clients.Select(client => client.ExpectCloseAsync()));
        using var ended = await system.OperateAsync(HttpMethod.Delete, drain);
        await Eventually.True(async () => await HealthAsync(system, 0) == HttpStatusCode.OK, "the gateway is ready again");

        Assert.Equal(1012, await first);
        var stayed = clients.Where(client => client.CloseCode is null).ToArray();
        Assert.Equal(2, stayed.Length);
        foreach (var client in stayed)
        {
            await client.SendAsync(new { type = "foreground" });
            await client.ExpectAsync("nearby");
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_cannot_be_done_is_a_problem_that_says_why()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        var address = new Uri(system.Gateways[0], "v1/ops/gateways").ToString();

        using var unknown = await system.OperateAsync(HttpMethod.Post, "gateways/nobody/drain");
        using var nobody = await system.CallAsync(HttpMethod.Get, address, null, null);
        using var forbidden = await system.CallAsync(HttpMethod.Get, address, user.Token, null);
        await system.Cache.KillAsync();
        using var away = await system.OperateAsync(HttpMethod.Get, "gateways");

        await ExpectProblemAsync(unknown, 404, "unknown-gateway");
        await ExpectProblemAsync(nobody, 401, "unauthenticated");
        await ExpectProblemAsync(forbidden, 403, "forbidden");
        await ExpectProblemAsync(away, 503, "unavailable");
    }

    [Fact]
    public async Task History_that_nobody_stores_lags()
    {
        await using var system = await NearbySystem.StartAsync(servers);
        var user = await system.NewUserAsync("Ada");
        await using var client = await ArriveAsync(user, gateway: 0);

        await Eventually.True(
            async () =>
            {
                using var answer = await system.OperateAsync(HttpMethod.Get, "history", gateway: 1);
                var history = await answer.Content.ReadFromJsonAsync<JsonElement>();
                return history.GetProperty("lag").GetInt64() == 1 && history.GetProperty("lagAgeSeconds").GetDouble() > 0;
            },
            "the history lags by one entry");
    }

    [Fact]
    public async Task A_gateway_that_fell_silent_is_forgotten_with_the_wishes_about_it()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await OwnConnection.OpenAsync(redis.ConnectionString);
        var directory = new GatewayDirectory(connection);
        GatewayState StateOf(string id) => new(id, "http://127.0.0.1:1", "1", 0, false, 0, 0, 0, 0, 0, 0, 0, 0);
        await directory.BeatAsync(StateOf("silent"));
        Assert.True(await directory.WishAsync("silent", drain: true));
        Assert.True(await directory.BeatAsync(StateOf("silent")));

        // As if its last word were longer ago than it counts.
        var entry = (string)(await connection.GetDatabase().HashGetAsync("{gateways}:alive", "silent"))!;
        await connection.GetDatabase().HashSetAsync("{gateways}:alive", "silent", "0000000001" + entry[10..]);

        Assert.False(await directory.WishAsync("silent", drain: true));
        Assert.False(await directory.BeatAsync(StateOf("alive")));
        Assert.Equal(["alive"], (await directory.ListAsync()).Select(gateway => gateway.Id));
        Assert.False(await directory.BeatAsync(StateOf("silent")));
    }

    private static string? IdOf(JsonElement gateway) => gateway.GetProperty("id").GetString();

    private static async Task<string> IdOfAsync(NearbySystem system, int gateway)
    {
        var url = system.Gateways[gateway].ToString().TrimEnd('/');
        string? id = null;
        await Eventually.True(
            async () => (id = (await ListAsync(system, 0)).Where(g => g.GetProperty("url").GetString() == url).Select(IdOf).SingleOrDefault()) is not null,
            "the gateway is listed");
        return id!;
    }

    private static async Task<JsonElement[]> ListAsync(NearbySystem system, int gateway)
    {
        using var answer = await system.OperateAsync(HttpMethod.Get, "gateways", gateway: gateway);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return [.. body.GetProperty("gateways").EnumerateArray()];
    }

    private static async Task<HttpStatusCode> HealthAsync(NearbySystem system, int gateway)
    {
        using var answer = await system.CallAsync(HttpMethod.Get, new Uri(system.Gateways[gateway], "health").ToString(), null, null);
        return answer.StatusCode;
    }

    private static async Task ExpectProblemAsync(HttpResponseMessage response, int status, string code)
    {
        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.EndsWith(code, problem.GetProperty("type").GetString(), StringComparison.Ordinal);
    }

    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby");
        return client;
    }
}
