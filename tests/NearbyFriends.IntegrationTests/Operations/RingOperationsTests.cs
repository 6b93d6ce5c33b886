using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using NearbyFriends.IntegrationTests.Cluster;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Operations;

/// <summary>Operators see the ring and change it, by call and by command, while friends keep meeting.</summary>
public sealed class RingOperationsTests(Servers servers)
{
    private const double Latitude = 50.0755;
    private const double Longitude = 14.4378;

    [Fact]
    public async Task The_ring_shows_what_servers_own_and_do_and_which_processes_go_by_it()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby);
        await using var meeting = await Meeting.BeginAsync(system);

        await Eventually.True(
            async () =>
            {
                await meeting.MoveAsync();
                var busy = await RingAsync(system);
                return ServersOf(busy).Any(server => server.GetProperty("messagesPerSecond").GetDouble() > 0 && server.GetProperty("bytesPerSecond").GetDouble() > 0);
            },
            "a server is seen to carry messages");

        var ring = await RingAsync(system);
        Assert.Equal(("Ring", "Partitioned(16)", 1), (ring.GetProperty("transport").GetString(), ring.GetProperty("channels").GetString(), ring.GetProperty("epoch").GetInt32()));
        Assert.Equal(JsonValueKind.Null, ring.GetProperty("pendingEpoch").ValueKind);
        Assert.Equal(
            [("pubsub-0", "active"), ("pubsub-1", "active"), ("pubsub-standby-0", "standby")],
            ServersOf(ring).Select(server => (server.GetProperty("name").GetString()!, server.GetProperty("role").GetString()!)));
        Assert.All(ServersOf(ring), server => Assert.True(server.GetProperty("healthy").GetBoolean()));
        Assert.Equal(
            Enumerable.Range(0, 16).Select(slot => $"p{slot}").Order(StringComparer.Ordinal),
            ServersOf(ring).SelectMany(Channels).Order(StringComparer.Ordinal));
        var processes = ring.GetProperty("processes").EnumerateArray().ToList();
        Assert.Equal(["api", "gateway", "gateway"], processes.Select(process => process.GetProperty("kind").GetString()).Order(StringComparer.Ordinal));
        Assert.All(processes, process => Assert.Equal(1, process.GetProperty("appliedEpoch").GetInt32()));

        using var answer = await system.OperateAsync(HttpMethod.Get, "gateways");
        var gateways = await JsonAsync(answer);
        Assert.All(gateways.GetProperty("gateways").EnumerateArray(), gateway =>
        {
            Assert.Equal(1, gateway.GetProperty("appliedEpoch").GetInt32());
            Assert.Contains(gateway.GetProperty("id").GetString(), processes.Select(process => process.GetProperty("id").GetString()));
        });
    }

    [Fact]
    public async Task A_server_that_died_is_shown_as_away()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby);
        await standby.KillAsync();

        var ring = await RingAsync(system);

        var away = ServersOf(ring).Single(server => server.GetProperty("name").GetString() == "pubsub-standby-0");
        Assert.False(away.GetProperty("healthy").GetBoolean());
        Assert.Equal(JsonValueKind.Null, away.GetProperty("cpu").ValueKind);
    }

    [Fact]
    public async Task By_command_a_standby_replaces_a_server_and_takes_over_its_channels_only()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby);
        await using var meeting = await Meeting.BeginAsync(system);
        var before = await RingAsync(system);

        var (code, table, error) = await OpsCommandTests.RunAsync(system, "replace", "pubsub-0");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("3 of 3 processes have applied it.", table, StringComparison.Ordinal);
        var after = await RingAsync(system);
        Assert.Equal(ChannelsOf(before, "pubsub-0"), ChannelsOf(after, "pubsub-standby-0"));
        Assert.Equal(ChannelsOf(before, "pubsub-1"), ChannelsOf(after, "pubsub-1"));
        await meeting.MoveAndExpectAsync();
    }

    [Fact]
    public async Task By_command_a_standby_joins_and_a_server_leaves()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby);
        await using var meeting = await Meeting.BeginAsync(system);

        Assert.Equal(0, (await OpsCommandTests.RunAsync(system, "add", "pubsub-standby-0")).Code);
        var three = await RingAsync(system);
        await meeting.MoveAndExpectAsync();
        Assert.Equal(0, (await OpsCommandTests.RunAsync(system, "remove", "pubsub-0")).Code);
        var two = await RingAsync(system);
        await meeting.MoveAndExpectAsync();

        Assert.Equal(3, ServersOf(three).Count(server => server.GetProperty("role").GetString() == "active"));
        Assert.NotEmpty(ChannelsOf(three, "pubsub-standby-0"));
        Assert.Equal(["pubsub-1", "pubsub-standby-0"], ServersOf(two).Select(server => server.GetProperty("name").GetString()));
        Assert.Equal(16, ServersOf(two).Sum(server => Channels(server).Length));
    }

    [Fact]
    public async Task By_command_a_channel_is_pinned_to_a_server_and_given_back()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby);
        await using var meeting = await Meeting.BeginAsync(system);
        var before = await RingAsync(system);
        var channel = ChannelsOf(before, "pubsub-0")[0];

        var (_, pinned, _) = await OpsCommandTests.RunAsync(system, "pin", channel, "pubsub-1");
        var moved = await RingAsync(system);
        await meeting.MoveAndExpectAsync();
        Assert.Equal(0, (await OpsCommandTests.RunAsync(system, "unpin", channel)).Code);
        var back = await RingAsync(system);

        Assert.Contains($"{channel} is pinned to pubsub-1.", pinned, StringComparison.Ordinal);
        Assert.Contains(channel, ChannelsOf(moved, "pubsub-1"));
        Assert.Equal(ChannelsOf(before, "pubsub-0"), ChannelsOf(back, "pubsub-0"));
        Assert.Equal(0, back.GetProperty("pins").GetArrayLength());
    }

    [Theory]
    [InlineData("DELETE", "ring/servers/nobody", null, HttpStatusCode.NotFound, "unknown-server")]
    [InlineData("PUT", "ring/servers/nobody", null, HttpStatusCode.NotFound, "unknown-server")]
    [InlineData("POST", "ring/servers", """{"name":"pubsub-1"}""", HttpStatusCode.Conflict, "already-member")]
    [InlineData("POST", "ring/servers", """{"name":"pubsub-7"}""", HttpStatusCode.UnprocessableEntity, "not-configured")]
    [InlineData("POST", "ring/servers", "{}", HttpStatusCode.BadRequest, "invalid-request")]
    [InlineData("PUT", "ring/pins/p16", """{"server":"pubsub-1"}""", HttpStatusCode.NotFound, "unknown-channel")]
    [InlineData("PUT", "ring/pins/p1", """{"server":"nobody"}""", HttpStatusCode.NotFound, "unknown-server")]
    public async Task What_cannot_be_done_to_the_ring_is_a_problem(string method, string path, string? body, HttpStatusCode status, string code)
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby);

        using var answer = await system.OperateAsync(HttpMethod.Parse(method), path, body is null ? null : JsonElement.Parse(body));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, (await JsonAsync(answer)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Without_etcd_the_ring_is_shown_as_configured_and_cannot_be_changed()
    {
        await using var system = await NearbySystem.StartAsync(servers);

        using var answer = await system.OperateAsync(HttpMethod.Delete, "ring/servers/pubsub-0");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("no-discovery", (await JsonAsync(answer)).GetProperty("code").GetString());
        Assert.Equal(["pubsub-0", "pubsub-1"], ServersOf(await RingAsync(system)).Select(server => server.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_redis_cluster_is_shown_in_the_same_words_and_changed_by_its_own_tools()
    {
        await using var cluster = await ClusterSystem.StartAsync(servers);

        var ring = await RingAsync(cluster.System);
        using var refused = await cluster.System.OperateAsync(HttpMethod.Delete, "ring/servers/pubsub-0");

        Assert.Equal("Cluster", ring.GetProperty("transport").GetString());
        Assert.Equal(["active", "active", "active", "standby", "standby", "standby"], ServersOf(ring).Select(server => server.GetProperty("role").GetString()).Order(StringComparer.Ordinal));
        Assert.All(ServersOf(ring), server => Assert.True(server.GetProperty("healthy").GetBoolean()));
        Assert.Equal(16, ServersOf(ring).Sum(server => Channels(server).Length));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("cluster", (await JsonAsync(refused)).GetProperty("code").GetString());
    }

    private Task<NearbySystem> StartAsync(EtcdServer etcd, RedisServer standby) => NearbySystem.StartAsync(
        servers,
        ("Discovery:Etcd", etcd.Url),
        ("Discovery:LeaseTime", "00:00:30"), // a machine that stands still for some seconds loses no process,
        ("Fanout:DeadAfter", "00:00:30"), // nor a server
        ("Fanout:Standbys:0", "pubsub-standby-0"),
        ("ConnectionStrings:pubsub-standby-0", standby.ConnectionString),
        ("Gateway:Flush", "00:00:00"));

    private static async Task<JsonElement> RingAsync(NearbySystem system)
    {
        using var answer = await system.OperateAsync(HttpMethod.Get, "ring", gateway: 1);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await JsonAsync(answer);
    }

    private static Task<JsonElement> JsonAsync(HttpResponseMessage answer) => answer.Content.ReadFromJsonAsync<JsonElement>();

    private static List<JsonElement> ServersOf(JsonElement ring) => [.. ring.GetProperty("servers").EnumerateArray()];

    private static string[] ChannelsOf(JsonElement ring, string name) =>
        Channels(ServersOf(ring).Single(server => server.GetProperty("name").GetString() == name));

    private static string[] Channels(JsonElement server) => [.. server.GetProperty("channels").EnumerateArray().Select(channel => channel.GetString()!)];

    /// <summary>Two friends on two gateways, of whom one moves.</summary>
    private sealed class Meeting(WireClient watcher, WireClient mover, TestUser moving) : IAsyncDisposable
    {
        private int _steps;

        public static async Task<Meeting> BeginAsync(NearbySystem system)
        {
            var (a, b) = await system.NewFriendsAsync();
            var watcher = await a.ConnectAsync(gateway: 0);
            await watcher.LocateAsync(Latitude, Longitude);
            await watcher.ExpectAsync("nearby");
            return new(watcher, await b.ConnectAsync(gateway: 1), b);
        }

        public Task MoveAsync() => mover.LocateAsync(Latitude + (++_steps * 0.0001), Longitude);

        public async Task MoveAndExpectAsync()
        {
            await MoveAsync();
            await watcher.ExpectMovedAsync(moving, entry => Math.Abs(entry.GetProperty("lat").GetDouble() - (Latitude + (_steps * 0.0001))) < 1e-6);
        }

        public async ValueTask DisposeAsync()
        {
            await watcher.DisposeAsync();
            await mover.DisposeAsync();
        }
    }
}
