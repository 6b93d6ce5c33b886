using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Ring;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>The ring changes while everybody moves, and nobody misses anything.</summary>
public sealed class RingChangeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["add", "add the standby", "remove", "replace", "pin and unpin"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_change_of_the_ring_loses_no_update(string kind)
    {
        await using var system = await RingSystem.StartAsync(members: 3, standbys: 1, spares: 1);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);
        await traffic.FlowAsync();

        var changes = nodes[1].Changes;
        switch (kind)
        {
            case "add":
                await InForceAsync(nodes, await changes.AddServerAsync("spare-0", Cancel));
                break;
            case "add the standby":
                await InForceAsync(nodes, await changes.AddServerAsync("standby-0", Cancel));
                break;
            case "remove":
                await InForceAsync(nodes, await changes.RemoveServerAsync("pubsub-1", Cancel));
                break;
            case "replace":
                await InForceAsync(nodes, await changes.ReplaceServerAsync("pubsub-1", "spare-0", Cancel));
                break;
            default:
                await InForceAsync(nodes, await changes.PinAsync("p3", "pubsub-0", Cancel));
                await InForceAsync(nodes, await changes.PinAsync("p3", "pubsub-1", Cancel));
                await InForceAsync(nodes, await changes.UnpinAsync("p3", Cancel));
                break;
        }

        await traffic.FlowAsync();
        await traffic.ExpectNothingLostAsync();
    }

    [Fact]
    public async Task A_server_that_left_is_published_to_and_subscribed_at_no_more()
    {
        await using var system = await RingSystem.StartAsync(members: 2);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);

        await InForceAsync(nodes, await nodes[0].Changes.RemoveServerAsync("pubsub-0", Cancel));

        await Eventually.True(
            () => nodes.All(node => node.Get<PubSubServers>().Connection("pubsub-0").GetServers().Single().SubscriptionChannels(RedisChannel.Pattern("fanout:*")).Length == 0),
            "nobody subscribes at pubsub-0");
        await system.Servers["pubsub-0"].KillAsync();
        await traffic.FlowsAgainAsync();
        await traffic.ExpectNothingLostAsync();
    }

    [Fact]
    public async Task A_process_that_is_not_ready_holds_the_change_until_it_dies()
    {
        await using var system = await RingSystem.StartAsync(members: 2, spares: 1);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);
        var sleeper = await system.StartSleeperAsync();

        var change = await nodes[0].Changes.AddServerAsync("spare-0", Cancel);
        await Eventually.True(() => nodes.All(node => node.State.ReadyEpoch == change.Epoch), "the others are ready");
        var second = await nodes[1].Changes.RemoveServerAsync("pubsub-0", Cancel);
        Assert.Equal(RingChangeOutcome.ChangePending, second.Outcome);
        Assert.Equal(1, (await system.RecordAsync()).Epoch);

        await system.Client.RevokeLeaseAsync(sleeper, Cancel);

        await InForceAsync(nodes, change);
        await traffic.ExpectNothingLostAsync();
    }

    [Fact]
    public async Task A_process_that_joins_while_a_change_is_pending_goes_by_both_rings()
    {
        await using var system = await RingSystem.StartAsync(members: 1, spares: 1);
        var node = await system.StartNodeAsync();
        var sleeper = await system.StartSleeperAsync();
        var change = await node.Changes.ReplaceServerAsync("pubsub-0", "spare-0", Cancel);

        var late = await system.StartNodeAsync();

        Assert.Equal(change.Epoch, late.State.ReadyEpoch);
        Assert.Equal(2, late.Servers(user: 1));
        await system.Client.RevokeLeaseAsync(sleeper, Cancel);
        await InForceAsync([node, late], change);
        await Eventually.True(() => late.Servers(user: 1) == 1, "only the new server is left");
    }

    [Fact]
    public async Task A_pending_change_can_be_given_up()
    {
        await using var system = await RingSystem.StartAsync(members: 2, standbys: 1);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);
        await system.StartSleeperAsync();
        var change = await nodes[0].Changes.AddServerAsync("standby-0", Cancel);
        await Eventually.True(() => nodes.All(node => node.State.ReadyEpoch == change.Epoch), "the others are ready");

        await InForceAsync(nodes, await nodes[1].Changes.CancelAsync(Cancel));

        var record = await system.RecordAsync();
        Assert.Equal(["pubsub-0", "pubsub-1"], record.Layout.Servers);
        Assert.Equal(["standby-0"], record.Standbys);
        await traffic.ExpectNothingLostAsync();
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_in_words()
    {
        await using var system = await RingSystem.StartAsync(members: 1, standbys: 1, spares: 1);
        var node = await system.StartNodeAsync();
        await system.Servers["spare-0"].KillAsync();

        await ExpectAsync(RingChangeOutcome.AlreadyMember, node.Changes.AddServerAsync("pubsub-0", Cancel));
        await ExpectAsync(RingChangeOutcome.NotConfigured, node.Changes.AddServerAsync("nobody", Cancel));
        await ExpectAsync(RingChangeOutcome.NotAnswering, node.Changes.AddServerAsync("spare-0", Cancel));
        await ExpectAsync(RingChangeOutcome.LastServer, node.Changes.RemoveServerAsync("pubsub-0", Cancel));
        await ExpectAsync(RingChangeOutcome.UnknownServer, node.Changes.RemoveServerAsync("nobody", Cancel));
        await ExpectAsync(RingChangeOutcome.UnknownServer, node.Changes.ReplaceServerAsync("nobody", "standby-0", Cancel));
        await ExpectAsync(RingChangeOutcome.UnknownChannel, node.Changes.PinAsync("p16", "pubsub-0", Cancel));
        await ExpectAsync(RingChangeOutcome.UnknownChannel, node.Changes.PinAsync("u1", "pubsub-0", Cancel));
        await ExpectAsync(RingChangeOutcome.UnknownServer, node.Changes.PinAsync("p1", "standby-0", Cancel));
        await ExpectAsync(RingChangeOutcome.Unchanged, node.Changes.UnpinAsync("p1", Cancel));
        await ExpectAsync(RingChangeOutcome.Unchanged, node.Changes.AddStandbyAsync("standby-0", Cancel));
        await ExpectAsync(RingChangeOutcome.Unchanged, node.Changes.CancelAsync(Cancel));
        await system.Etcd.KillAsync();
        await ExpectAsync(RingChangeOutcome.DiscoveryAway, node.Changes.RemoveServerAsync("standby-0", Cancel));
    }

    [Fact]
    public async Task Standbys_come_and_go_without_a_change_of_routes()
    {
        await using var system = await RingSystem.StartAsync(members: 1, standbys: 1, spares: 1);
        var node = await system.StartNodeAsync();

        await ExpectAsync(RingChangeOutcome.Accepted, node.Changes.AddStandbyAsync("spare-0", Cancel));
        await ExpectAsync(RingChangeOutcome.Accepted, node.Changes.RemoveServerAsync("standby-0", Cancel));

        var record = await system.RecordAsync();
        Assert.Equal(["spare-0"], record.Standbys);
        Assert.Equal(1, record.Epoch);
        Assert.Null(record.Pending);
    }

    private static async Task InForceAsync(RingNode[] nodes, RingChange change)
    {
        Assert.True(change.Outcome == RingChangeOutcome.Accepted, change.Message);
        await Eventually.True(() => nodes.All(node => node.State.AppliedEpoch >= change.Epoch), $"all go by the ring of epoch {change.Epoch}");
    }

    private static async Task ExpectAsync(RingChangeOutcome outcome, Task<RingChange> change)
    {
        var (actual, _, message) = await change;
        Assert.True(outcome == actual, $"{actual} instead of {outcome}: {message}");
    }
}
