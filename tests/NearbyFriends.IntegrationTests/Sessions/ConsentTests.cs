using System.Net.Http.Json;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>
/// Who hides is hidden, whatever becomes of the announcement and of the tombstone: the journal tells every gateway within
/// <c>Friends:ReadChangesEvery</c>.
/// </summary>
public sealed class ConsentTests(Servers servers)
{
    private const double Latitude = 64.1466;
    private const double Longitude = -21.9426;

    // To the Api the cache's locations are read-only, while tickets and snapshots can be written.
    private const string RefuseTombstones = "ACL SETUSER api on >secret ~ticket:* ~nearby:* %R~* &* +@all";

    private static readonly (string Key, string Value)[] Quick = [("Friends:ReadChangesEvery", "00:00:00.5"), ("Gateway:Flush", "00:00:00")];

    [Theory]
    [InlineData("json")]
    [InlineData("protobuf")]
    [InlineData("stream")]
    public async Task Who_hid_is_shown_to_nobody_though_neither_announcement_nor_tombstone_was_written(string transport)
    {
        await using var unheard = await RedisServer.StartAsync();
        await using var cache = await RedisServer.StartAsync();
        await cache.CommandAsync(RefuseTombstones);
        await using var system = await NearbySystem.StartAsync(
            servers,
            [
                ("ConnectionStrings:pubsub-0", unheard.ConnectionString), ("ConnectionStrings:pubsub-1", unheard.ConnectionString),
                ("ConnectionStrings:location-cache", $"127.0.0.1:{cache.Port},user=api,password=secret"),
            ],
            [("ConnectionStrings:location-cache", cache.ConnectionString), .. Quick]);
        var (a, b) = await system.NewFriendsAsync();
        await using var hiding = await ArriveAsync(b, gateway: 1);
        await using var near = await OpenAsync(transport, a, gateway: 0, friends: 1);
        await using var far = await OpenAsync(transport, a, gateway: 1, friends: 1);
        Assert.Equal(1, await CountNearbyAsync(a));

        await b.ShareAsync(false);

        Assert.Equal(0, await CountNearbyAsync(a));
        await ExpectGoneAsync(near, b);
        await ExpectGoneAsync(far, b);
        for (var gateway = 0; gateway < 2; gateway++)
        {
            await using var opened = await OpenAsync(transport, a, gateway, friends: 0);
            await using var screen = await a.ConnectAsync(gateway);
            await screen.SendAsync(new { type = "follow" });
            Assert.Equal(0, (await screen.ExpectAsync("nearby")).GetProperty("total").GetInt32());
        }
    }

    [Fact]
    public async Task Who_hid_is_shown_to_nobody_though_the_Api_died_right_after_the_commit()
    {
        await using var system = await NearbySystem.StartAsync(servers, Quick);
        var (a, b) = await system.NewFriendsAsync();
        await using var hiding = await ArriveAsync(b, gateway: 1);
        await using var watcher = await ArriveAsync(a, gateway: 0);

        // What it leaves behind is the transaction, and nothing else.
        await system.ExecuteAsync(
            """
            with hidden as (update users set sharing = false, sharing_version = 2 where id = $1 returning id)
            insert into changes (user_id, kind, version, other_id) select id, 2, 2, 0 from hidden
            """,
            b.Number);

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
        await hiding.ExpectAsync("sharing", message => !message.GetProperty("sharing").GetBoolean());
        await using var opened = await ArriveAsync(a, gateway: 0);
        Assert.Equal(0, opened.LastTotal());
    }

    [Fact]
    public async Task A_caller_who_hangs_up_during_the_commit_hides_all_the_same()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Friends:ReadChangesEvery", "00:00:30"), ("Gateway:Flush", "00:00:00"));
        var (a, b) = await system.NewFriendsAsync();
        await using var hiding = await ArriveAsync(b, gateway: 1);
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await system.ExecuteAsync(
            """
            create function wait() returns trigger language plpgsql as 'begin perform pg_sleep(3); return null; end';
            create constraint trigger slow_commit after update on users deferrable initially deferred for each row execute function wait();
            """);

        using var hangUp = new CancellationTokenSource();
        var call = HideAsync(b, hangUp.Token);
        await Eventually.True(
            async () => await system.ExecuteAsync("select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'") > 0,
            "the commit is under way");
        await hangUp.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => call);

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b)); // by the announcement: the journal is read again too late
    }

    [Fact]
    public async Task A_cache_that_comes_back_with_an_old_snapshot_shows_nobody_who_hid_since()
    {
        await using var system = await NearbySystem.StartAsync(servers, Quick);
        var (a, b) = await system.NewFriendsAsync();
        await using var hiding = await ArriveAsync(b, gateway: 1);
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await system.Cache.CommandAsync("SAVE");
        await b.ShareAsync(false);
        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));

        await system.Cache.RestartAsync();

        await Eventually.True(
            async () =>
            {
                await using var opened = await ArriveAsync(a, gateway: 0);
                return opened.LastTotal() == 0 && !opened.HasReceived("error");
            },
            "a session reads the cache and lists nobody");
        await Eventually.True(
            async () =>
            {
                using var answer = await system.CallAsync(HttpMethod.Get, "v1/nearby", a.Token, null);
                return answer.IsSuccessStatusCode;
            },
            "the Api reads the cache");
        Assert.Equal(0, await CountNearbyAsync(a));
    }

    [Fact]
    public async Task A_point_from_before_sharing_began_again_is_neither_shown_nor_kept()
    {
        await using var system = await NearbySystem.StartAsync(servers, Quick);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var phone = await b.ConnectAsync(gateway: 1);
        await b.ShareAsync(false);
        await phone.ExpectAsync("sharing");
        var hiddenAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await b.ShareAsync(true);
        await phone.ExpectAsync("sharing", message => message.GetProperty("sharing").GetBoolean());

        await phone.LocateAsync(Latitude, Longitude, hiddenAt);
        Assert.Equal("not_sharing", (await phone.ExpectAsync("error")).GetProperty("code").GetString());
        using var posted = await system.CallAsync(
            HttpMethod.Post, new Uri(system.Gateways[1], "v1/location").ToString(), b.Token, new { lat = Latitude, lon = Longitude, time = hiddenAt });
        Assert.Equal(422, (int)posted.StatusCode);
        await phone.LocateAsync(Latitude, Longitude);

        Assert.True((await watcher.ExpectMovedAsync(b)).GetProperty("time").GetInt64() > hiddenAt);
        await using var reconnected = await b.ConnectAsync(gateway: 0);
        await reconnected.LocateAsync(Latitude, Longitude, hiddenAt);
        Assert.Equal("not_sharing", (await reconnected.ExpectAsync("error")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_locked_user_disappears_and_comes_back_when_unlocked()
    {
        await using var system = await NearbySystem.StartAsync(servers, Quick);
        var (a, b) = await system.NewFriendsAsync();
        await using var locked = await ArriveAsync(b, gateway: 1);
        await using var watcher = await ArriveAsync(a, gateway: 0);

        await OperateAsync(HttpMethod.Put);

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
        Assert.Equal(4403, await locked.ExpectCloseAsync());
        await OperateAsync(HttpMethod.Delete);
        await using var back = await ArriveAsync(b, gateway: 1);
        await watcher.ExpectMovedAsync(b);

        async Task OperateAsync(HttpMethod method)
        {
            using var answer = await system.OperateAsync(method, new Uri(system.Api, $"v1/ops/users/{b.Id}/lock").ToString());
            Assert.Equal(204, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task To_switch_sharing_writes_two_rows_however_many_the_friends()
    {
        await using var system = await NearbySystem.StartAsync(servers, Quick);
        var a = await system.NewUserAsync("Ada");
        await system.NewCrowdAsync(5_000, a);

        await a.ShareAsync(false);

        Assert.Equal(2, await RowsOfLastWriteAsync(system, a));
    }

    [Fact]
    public async Task A_switch_that_changes_nothing_writes_nothing()
    {
        await using var system = await NearbySystem.StartAsync(servers, Quick);
        var a = await system.NewUserAsync("Ada");
        await a.ShareAsync(false);

        await a.ShareAsync(false);
        await a.SendAsync(HttpMethod.Patch, "v1/me", new { displayName = a.Name, sharing = false, discoverable = true });

        Assert.Equal(2, await RowsOfLastWriteAsync(system, a)); // those of the first time
        Assert.Equal(1, await system.ExecuteAsync("select count(*) from changes where user_id = $1", a.Number));
    }

    /// <summary>Rows that the transaction wrote which wrote the user's row.</summary>
    private static Task<long> RowsOfLastWriteAsync(NearbySystem system, TestUser user) => system.ExecuteAsync(
        """
        select (select count(*) from users where xmin = last.xmin) + (select count(*) from changes where xmin = last.xmin)
             + (select count(*) from friendships where xmin = last.xmin)
        from (select xmin from users where id = $1) last
        """,
        user.Number);

    private static async Task HideAsync(TestUser user, CancellationToken hangUp)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(user.System.Api, "v1/me")) { Content = JsonContent.Create(new { sharing = false }) };
        request.Headers.Authorization = new("Bearer", user.Token);
        await http.SendAsync(request, hangUp);
    }

    private static async Task<int> CountNearbyAsync(TestUser user) =>
        (await user.SendAsync(HttpMethod.Get, "v1/nearby")).GetProperty("friends").GetArrayLength();

    private static async Task<TransportClient> OpenAsync(string transport, TestUser user, int gateway, int friends)
    {
        var client = await TransportClient.OpenAsync(transport, user.System.Gateways[gateway], user);
        await client.ExpectAsync("welcome");
        await client.LocateAsync(Latitude, Longitude);
        var list = await client.ExpectAsync("nearby");
        Assert.Equal(friends, list.GetProperty("friends").GetArrayLength());
        return client;
    }

    private static async Task ExpectGoneAsync(TransportClient watcher, TestUser friend) => await watcher.ExpectAsync(
        "friends",
        message => message.GetProperty("left").EnumerateArray().Any(left =>
            left.GetProperty("id").GetString() == friend.Id && left.GetProperty("reason").GetString() == "gone"));

    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby");
        return client;
    }
}
