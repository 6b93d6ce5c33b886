using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Fanout.Actors;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>Gateways come and go, and the actors that live on them with them.</summary>
public sealed class ActorChangeTests(Servers servers)
{
    private const double Latitude = 48.2082;
    private const double Longitude = 16.3738;
    // Less than the half minute for which Orleans by default gives a dead silo's actors no other; how soon it ends the benchmark measures.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(25);

    [Theory]
    [InlineData("Partitioned(16)")]
    [InlineData("PerUser")]
    public async Task Updates_flow_after_a_gateway_has_joined_and_after_it_has_stopped(string channels)
    {
        await using var membership = await RedisServer.StartAsync();
        await using var first = await StartAsync(membership, channels);
        await using var second = await StartAsync(membership, channels);
        await AgreeAsync(2, first, second);
        await using var traffic = await Traffic.StartAsync(first, second);
        await traffic.FlowAsync();

        await using var third = await StartAsync(membership, channels);
        await AgreeAsync(3, first, second, third);
        await traffic.FlowAsync();
        await third.StopAsync();
        await AgreeAsync(2, first, second);

        await traffic.FlowsAgainAsync(); // those of the moments between may be lost: docs/decisions/0015-actors.md
    }

    [Theory]
    [InlineData("Partitioned(16)")]
    [InlineData("PerUser")]
    public async Task When_the_gateway_with_a_friend_s_actor_is_killed_the_friend_is_seen_to_move_again_without_reconnecting(string channels)
    {
        await using var system = await NearbySystem.StartAsync(servers, [.. ActorFanoutSystem.Settings(channels), ("Fanout:DeadAfter", "00:00:03"), ("Gateway:Flush", "00:00:00")]);
        var routes = system.GatewayServices.Select(services => (ActorRoutes)services.GetRequiredService<IFanoutRoutes>()).ToArray();
        await Eventually.True(() => routes.All(route => route.Silos.Count() == 2), "both know each other");
        var stay = routes[0].Silos.Select(silo => silo.Name).ToHashSet(StringComparer.Ordinal);
        await using var third = await system.StartGatewayProcessAsync();
        await Eventually.True(() => routes.All(route => route.Silos.Count() == 3), "all know the third");
        var (a, b) = await system.NewFriendsAsync();
        while (stay.Contains(routes[0].SiloOf(routes[0].Scheme.ChannelOf(b.Number).ToString())!))
        {
            (a, b) = await system.NewFriendsAsync();
        }

        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var friend = await ArriveAsync(b, gateway: 1);
        await watcher.ExpectMovedAsync(b);

        await third.KillAsync();

        await Eventually.True(() => MoveIsSeenAsync(friend, watcher, b), "updates flow by the friend's next actor", Recovery);
    }

    private static async Task<RingNode> StartAsync(RedisServer membership, string channels)
    {
        var settings = ActorFanoutSystem.Settings(channels).ToDictionary(setting => setting.Key, setting => (string?)setting.Value, StringComparer.Ordinal);
        settings["ConnectionStrings:membership"] = membership.ConnectionString;
        settings["Orleans:Endpoints:SiloPort"] = $"{FreePort.Choose()}";
        settings["Fanout:Actors:RenewEvery"] = "00:00:02"; // what heals when a watch was lost
        var node = new RingNode("gateway", settings);
        await node.StartAsync();
        return node;
    }

    private static Task AgreeAsync(int silos, params RingNode[] nodes) =>
        Eventually.True(() => nodes.All(node => ((ActorRoutes)node.Get<IFanoutRoutes>()).Silos.Count() == silos), $"all know {silos} silos");

    private static async Task<bool> MoveIsSeenAsync(WireClient friend, WireClient watcher, TestUser who)
    {
        var before = watcher.Received.Count;
        await friend.LocateAsync(Latitude, Longitude + 0.001);
        await Task.Delay(100);
        return watcher.Received.Count > before && watcher.LastList().ToString().Contains(who.Id, StringComparison.Ordinal);
    }

    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby");
        return client;
    }
}
