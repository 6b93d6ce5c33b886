using NearbyFriends.Fanout.Channels;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Cluster;

/// <summary>Friends on two gateways, and a Redis Cluster between them that loses a master, or moves a slot.</summary>
public sealed class ClusterFanoutTests(Servers servers)
{
    private const double Latitude = 48.2082;
    private const double Longitude = 16.3738;
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60); // that it ends is tested here, how soon the benchmark measures

    [Theory]
    [InlineData("Partitioned(16)")]
    [InlineData("PerUser")]
    public async Task When_a_master_dies_updates_and_lists_are_right_again_without_reconnecting(string channels)
    {
        await using var cluster = await ClusterSystem.StartAsync(servers, channels, RedisCluster.ShortNodeTimeout);
        var (a, b) = await cluster.System.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var friend = await ArriveAsync(b, gateway: 1);
        await watcher.ExpectMovedAsync(b);

        var slot = SlotOf(channels, b);
        await cluster.Cluster.KillMasterAsync(slot);

        await Eventually.True(() => MoveIsSeenAsync(friend, watcher, b), "updates flow by the new master", Recovery);

        // Whoever comes now finds the friend in the cache, or with the friend's next update.
        await using var late = await a.ConnectAsync(gateway: 0);
        await friend.LocateAsync(Latitude, Longitude);
        await late.LocateAsync(Latitude, Longitude);
        await Eventually.True(() => late.HasReceived("nearby") && late.LastTotal() == 1, "the list has the friend");
    }

    [Theory]
    [InlineData("Partitioned(16)")]
    [InlineData("PerUser")]
    public async Task When_a_slot_moves_subscriptions_move_with_it(string channels)
    {
        await using var cluster = await ClusterSystem.StartAsync(servers, channels);
        var (a, b) = await cluster.System.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var friend = await ArriveAsync(b, gateway: 1);
        await watcher.ExpectMovedAsync(b);
        var slot = SlotOf(channels, b);
        var before = await cluster.Cluster.MasterOfAsync(slot);

        await cluster.Cluster.MoveSlotAsync(slot);

        Assert.NotEqual(before.Port, (await cluster.Cluster.MasterOfAsync(slot)).Port);
        await Eventually.True(() => MoveIsSeenAsync(friend, watcher, b), "updates flow by the slot's new master", Recovery);
    }

    [Fact]
    public async Task A_dead_master_keeps_nobody_from_opening_a_session_and_updates_on_one_gateway_go_on()
    {
        await using var cluster = await ClusterSystem.StartAsync(servers, nodeTimeout: RedisCluster.ShortNodeTimeout);
        var (a, b) = await cluster.System.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await cluster.Cluster.KillMasterAsync(SlotOf("Partitioned(16)", b));

        await using var friend = await b.ConnectAsync(gateway: 0);
        await friend.LocateAsync(Latitude, Longitude);

        await watcher.ExpectMovedAsync(b);
    }

    [Fact]
    public async Task Partitions_spread_over_the_masters()
    {
        await using var cluster = await RedisCluster.StartAsync();
        var scheme = ChannelScheme.Partitioned(16).Sharded();

        var masters = new List<int>();
        for (var slot = 0; slot < scheme.SlotCount; slot++)
        {
            masters.Add((await cluster.MasterOfAsync(HashSlot.Of(scheme.Partition(slot).ToString()))).Port);
        }

        Assert.All(masters.CountBy(port => port), master => Assert.InRange(master.Value, 5, 6));
        Assert.Equal(3, masters.Distinct().Count());
    }

    private static async Task<bool> MoveIsSeenAsync(WireClient friend, WireClient watcher, TestUser who)
    {
        var before = watcher.Received.Count;
        await friend.LocateAsync(Latitude, Longitude + 0.001);
        await Task.Delay(100);
        return watcher.Received.Count > before && watcher.LastList().ToString().Contains(who.Id, StringComparison.Ordinal);
    }

    private static int SlotOf(string channels, TestUser user) =>
        HashSlot.Of(ChannelScheme.TryParse(channels)!.Sharded().ChannelOf(user.Number).ToString());

    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby");
        return client;
    }
}
