using NearbyFriends.Fanout.Ring;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>Servers die, etcd goes away, and updates flow again.</summary>
public sealed class RingFailureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_standby_takes_the_place_of_a_server_that_died_and_no_other_channel_moves()
    {
        await using var system = await StartAsync(members: 2, standbys: 1);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);
        var before = (await system.RecordAsync()).Layout.Place(16);

        await system.Servers["pubsub-0"].KillAsync();

        await Eventually.True(async () => (await system.RecordAsync()) is { Pending: null, Lost.Length: 1 }, "pubsub-0 is replaced");
        var record = await system.RecordAsync();
        Assert.Equal("pubsub-0", record.Lost[0].Name);
        Assert.Empty(record.Standbys);
        var after = record.Layout.Place(16);
        Assert.All(
            Enumerable.Range(0, 16),
            slot => Assert.Equal(before.ServerOf(slot) == "pubsub-0" ? "standby-0" : before.ServerOf(slot), after.ServerOf(slot)));
        await traffic.FlowsAgainAsync();
    }

    [Fact]
    public async Task Without_a_standby_the_channels_of_a_dead_server_spread_and_when_it_returns_it_stands_by()
    {
        await using var system = await StartAsync(members: 3);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);

        await system.Servers["pubsub-1"].KillAsync();
        await Eventually.True(async () => (await system.RecordAsync()) is { Pending: null, Lost.Length: 1 }, "pubsub-1 is gone");
        Assert.Equal(["pubsub-0", "pubsub-2"], (await system.RecordAsync()).Layout.Servers);
        await traffic.FlowsAgainAsync();

        await system.Servers["pubsub-1"].RestartAsync();
        await Eventually.True(async () => (await system.RecordAsync()).Standbys.Contains("pubsub-1"), "pubsub-1 stands by");
        Assert.Empty((await system.RecordAsync()).Lost);
    }

    [Fact]
    public async Task A_server_that_hangs_is_replaced_and_stands_by_when_it_answers_again()
    {
        await using var system = await StartAsync(members: 2, standbys: 1);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);

        system.Servers["pubsub-0"].Freeze();

        await Eventually.True(async () => (await system.RecordAsync()).Layout.Has("standby-0"), "the standby is in its place");
        await traffic.FlowsAgainAsync();
        system.Servers["pubsub-0"].Thaw();
        await Eventually.True(async () => (await system.RecordAsync()).Standbys.Contains("pubsub-0"), "pubsub-0 stands by");
    }

    [Fact]
    public async Task A_server_that_dies_while_a_change_to_it_is_pending_does_not_block_the_ring()
    {
        await using var system = await StartAsync(members: 2, spares: 1);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);
        var sleeper = await system.StartSleeperAsync();
        var change = await nodes[0].Changes.AddServerAsync("spare-0", Cancel);
        Assert.Equal(RingChangeOutcome.Accepted, change.Outcome);

        await system.Servers["spare-0"].KillAsync();
        await Eventually.True(async () => (await system.RecordAsync()).LatestEpoch > change.Epoch, "another change takes its place");
        await system.Client.RevokeLeaseAsync(sleeper, Cancel);

        await Eventually.True(async () => (await system.RecordAsync()).Pending is null, "the ring is at rest");
        Assert.Equal(["pubsub-0", "pubsub-1"], (await system.RecordAsync()).Layout.Servers);
        await traffic.FlowsAgainAsync();
        await traffic.ExpectNothingLostAsync();
    }

    [Fact]
    public async Task While_etcd_is_away_updates_flow_and_when_it_returns_the_ring_can_change()
    {
        await using var system = await StartAsync(members: 2, spares: 1);
        var nodes = await system.StartNodesAsync();
        await using var traffic = await Traffic.StartAsync(nodes);

        await system.Etcd.KillAsync();
        await Eventually.True(() => nodes.All(node => node.State.IsDiscoveryAway), "all notice");
        await traffic.FlowsAgainAsync();
        await system.Etcd.RestartAsync();

        RingChange? change = null;
        await Eventually.True(
            async () => (change = await nodes[0].Changes.AddServerAsync("spare-0", Cancel)).Outcome == RingChangeOutcome.Accepted,
            "a change is accepted");
        await Eventually.True(() => nodes.All(node => node.State.AppliedEpoch >= change!.Epoch), "it is in force");
        await Eventually.True(() => nodes.All(node => !node.State.IsDiscoveryAway), "all notice");
        await traffic.ExpectNothingLostAsync();
    }

    [Fact]
    public async Task An_etcd_that_lost_its_data_is_given_back_the_ring()
    {
        await using var system = await StartAsync(members: 2, spares: 1);
        var nodes = await system.StartNodesAsync();
        var change = await nodes[0].Changes.AddServerAsync("spare-0", Cancel);
        await Eventually.True(() => nodes.All(node => node.State.AppliedEpoch == change.Epoch), "the ring has changed");

        await system.Client.DeleteAsync("nearbyfriends/ring/record", Cancel);

        Assert.Equal(change.Epoch, (await system.RecordAsync()).Epoch);
        Assert.Contains("spare-0", (await system.RecordAsync()).Layout.Servers);
    }

    [Fact]
    public async Task Processes_that_start_at_once_agree_on_one_ring_and_one_leader()
    {
        await using var system = await StartAsync(members: 2);

        var nodes = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => system.StartNodeAsync($"node{i}")));

        await Eventually.True(() => nodes.All(node => node.State.AppliedEpoch == 1), "all go by the first ring");
        var written = await system.Client.GetAsync("nearbyfriends/ring/record", Cancel);
        Assert.Equal(written!.CreateRevision, written.ModRevision);
        await Eventually.True(
            () => nodes[0].State.Latest.Value.Leader is { } leader && nodes.All(node => node.State.Latest.Value.Leader == leader), "one leads");
        var view = await nodes[0].Get<RingReader>().ReadAsync(Cancel);
        Assert.Equal(6, view.Processes.Count);
        Assert.Single(view.Processes, process => process.IsLeader);
    }

    [Fact]
    public async Task When_the_leader_stops_another_leads_on()
    {
        await using var system = await StartAsync(members: 2, spares: 1);
        var nodes = await system.StartNodesAsync();
        await Eventually.True(() => nodes[0].State.Latest.Value.Leader is not null, "one leads");
        var leader = nodes.Single(node => node.State.Process.Id == nodes[0].State.Latest.Value.Leader);
        var other = nodes.Single(node => node != leader);

        await leader.StopAsync();

        var change = await other.Changes.AddServerAsync("spare-0", Cancel);
        await Eventually.True(() => other.State.AppliedEpoch == change.Epoch, "the other puts a change in force");
    }

    [Fact]
    public async Task A_process_that_starts_without_etcd_goes_by_configuration_until_it_answers()
    {
        await using var system = await StartAsync(members: 2);
        await system.Etcd.KillAsync();

        var nodes = await Task.WhenAll(system.StartNodeAsync(), system.StartNodeAsync());
        await using var traffic = await Traffic.StartAsync(nodes);
        await traffic.FlowsAgainAsync();
        await system.Etcd.RestartAsync();

        await Eventually.True(() => nodes.All(node => node.State.AppliedEpoch == 1), "they agree on the ring");
        await traffic.ExpectNothingLostAsync();
    }

    [Fact]
    public async Task People_are_told_of_a_dead_server()
    {
        await using var hook = await Webhook.StartAsync();
        await using var system = await StartAsync(2, 1, 0, ("Fanout:AlertWebhook", hook.Url));
        await system.StartNodeAsync();

        await system.Servers["pubsub-1"].KillAsync();

        await Eventually.True(() => hook.Bodies.Any(body => body.Contains("server-lost") && body.Contains("pubsub-1")), "the webhook is told");
    }

    /// <summary>Starts what notices soon that a server has died.</summary>
    private static Task<RingSystem> StartAsync(int members, int standbys = 0, int spares = 0, params (string Key, string Value)[] settings) =>
        RingSystem.StartAsync(members, standbys, spares, [("Fanout:DeadAfter", "00:00:01"), .. settings]);
}
