using System.Text.Json;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Discovery;
using NearbyFriends.Fanout.Ring;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>The whole system, two gateways and an Api, while its ring changes: what people see of it is nothing.</summary>
public sealed class RingWithPeopleTests(Servers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_ring_changes_everybody_sees_everybody_move_and_nothing_twice()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby);
        await using var people = await MovingPeople.StartAsync(system);
        await using var operators = await StartOperatorAsync(system, etcd, standby);
        var ring = operators.Changes;

        await people.MoveAsync();
        foreach (var change in new Func<Task<RingChange>>[]
        {
            () => ring.AddServerAsync("standby-0", Cancel),
            () => ring.PinAsync("p0", "standby-0", Cancel),
            () => ring.RemoveServerAsync("pubsub-0", Cancel),
            () => ring.ReplaceServerAsync("pubsub-1", "pubsub-0", Cancel),
            () => ring.UnpinAsync("p0", Cancel),
        })
        {
            var accepted = await change();
            Assert.True(accepted.Outcome == RingChangeOutcome.Accepted, accepted.Message);
            await ring.InForceAsync(accepted.Epoch, Cancel);
            await people.MoveAsync();
        }

        await people.ExpectEverybodySeenWhereTheyAreAsync();
        people.ExpectNothingTwice();
    }

    [Fact]
    public async Task A_friendship_made_while_a_change_is_pending_is_announced_once()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby);
        await using var operators = await StartOperatorAsync(system, etcd, standby);
        var a = await NewUserOnAsync(system, "pubsub-1");
        var b = await NewUserOnAsync(system, "pubsub-1");
        await using var first = await a.ConnectAsync(gateway: 0);
        await using var second = await b.ConnectAsync(gateway: 1);
        await first.LocateAsync(52, 13);
        await first.ExpectAsync("nearby");
        await second.LocateAsync(52, 13);
        await second.ExpectAsync("nearby");
        using var client = new EtcdClient([new Uri(etcd.Url)]);
        await client.PutAsync("nearbyfriends/processes/sleeper", new RingProcessReport("gateway", 0, 0).ToJson(), cancellationToken: Cancel);
        var pending = await operators.Changes.ReplaceServerAsync("pubsub-1", "standby-0", Cancel);
        await Eventually.True(
            async () => (await operators.Get<RingReader>().ReadAsync(Cancel)).Processes.Count(process => process.ReadyEpoch == pending.Epoch) == 4,
            "two gateways, the Api and the operator are ready");

        await NearbySystem.BefriendAsync(a, b);
        await first.ExpectMovedAsync(b);
        await second.ExpectMovedAsync(a);
        await client.DeleteAsync("nearbyfriends/processes/sleeper", Cancel);
        await operators.Changes.InForceAsync(pending.Epoch, Cancel);
        await second.LocateAsync(52.0001, 13);
        await first.ExpectMovedAsync(b, entry => entry.GetProperty("lat").GetDouble() > 52);

        Assert.Equal(1, first.Types().Count(type => type == "friendAdded"));
        Assert.Equal(1, second.Types().Count(type => type == "friendAdded"));
    }

    [Fact]
    public async Task After_a_pub_sub_server_was_killed_the_standby_brings_everybody_s_next_update()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var standby = await RedisServer.StartAsync();
        await using var system = await StartAsync(etcd, standby, deadAfter: TimeSpan.FromSeconds(2));
        await using var people = await MovingPeople.StartAsync(system);
        await people.MoveAsync();

        await system.PubSub[0].KillAsync();
        using var client = new EtcdClient([new Uri(etcd.Url)]);
        await Eventually.True(async () => await RingSystem.RecordAsync(client) is { Pending: null, Lost.Length: 1 }, "the standby is in its place");

        await people.MoveAsync();
        await people.ExpectEverybodySeenWhereTheyAreAsync();
        people.ExpectNothingTwice();
    }

    private Task<NearbySystem> StartAsync(EtcdServer etcd, RedisServer standby, TimeSpan? deadAfter = null) => NearbySystem.StartAsync(
        servers,
        ("Discovery:Etcd", etcd.Url),
        ("Discovery:LeaseTime", "00:00:15"),
        ("Fanout:DeadAfter", $"{deadAfter ?? TimeSpan.FromSeconds(30)}"),
        ("Fanout:Standbys:0", "standby-0"),
        ("ConnectionStrings:standby-0", standby.ConnectionString),
        ("Gateway:Flush", "00:00:00"));

    /// <summary>A user whose channel lives on a server of the first ring.</summary>
    private static async Task<TestUser> NewUserOnAsync(NearbySystem system, string server)
    {
        var channels = ChannelScheme.Partitioned(16);
        var ring = HashRing.Of(["pubsub-0", "pubsub-1"], channels.SlotCount);
        while (true)
        {
            var user = await system.NewUserAsync("Ada");
            if (ring.ServerOf(channels.SlotOf(user.Number)) == server)
            {
                return user;
            }
        }
    }

    /// <summary>A process that goes by the same ring, from which a test changes it.</summary>
    private static async Task<RingNode> StartOperatorAsync(NearbySystem system, EtcdServer etcd, RedisServer standby)
    {
        var node = new RingNode("operator", new(StringComparer.Ordinal)
        {
            ["Discovery:Etcd"] = etcd.Url,
            ["Discovery:LeaseTime"] = "00:00:15",
            ["Fanout:DeadAfter"] = "00:00:30",
            ["Fanout:Servers:0"] = "pubsub-0",
            ["Fanout:Servers:1"] = "pubsub-1",
            ["Fanout:Standbys:0"] = "standby-0",
            ["ConnectionStrings:pubsub-0"] = system.PubSub[0].ConnectionString,
            ["ConnectionStrings:pubsub-1"] = system.PubSub[1].ConnectionString,
            ["ConnectionStrings:standby-0"] = standby.ConnectionString,
        });
        await node.StartAsync();
        return node;
    }

    /// <summary>
    /// Friends on both gateways, of whom some walk north and the others stand and watch: to who walks, a friend who stands
    /// is told again as the distance changes.
    /// </summary>
    private sealed class MovingPeople : IAsyncDisposable
    {
        private const int Rounds = 15;

        private readonly (TestUser User, WireClient Client)[] _walkers;
        private readonly (TestUser User, WireClient Client)[] _watchers;
        private double _latitude = 52;

        private MovingPeople((TestUser User, WireClient Client)[] people) => (_walkers, _watchers) = (people[..4], people[4..]);

        public static async Task<MovingPeople> StartAsync(NearbySystem system)
        {
            var people = new List<(TestUser, WireClient)>();
            foreach (var (index, user) in (await system.NewCircleAsync("Ada", "Bo", "Cy", "Di", "Ed", "Fay")).Index())
            {
                people.Add((user, await user.ConnectAsync(index % 2)));
            }

            var moving = new MovingPeople([.. people]);
            foreach (var (_, watcher) in moving._watchers)
            {
                await watcher.LocateAsync(52, 13);
                await watcher.ExpectAsync("nearby");
            }

            return moving;
        }

        /// <summary>Every walker moves a few times.</summary>
        public async Task MoveAsync()
        {
            for (var round = 0; round < Rounds; round++)
            {
                _latitude = Math.Round(_latitude + 0.00001, 5);
                foreach (var (_, walker) in _walkers)
                {
                    await walker.LocateAsync(_latitude, 13);
                }

                await Task.Delay(20, Cancel); // a pace, not a wait: frames of several rounds are under way at once
            }
        }

        public async Task ExpectEverybodySeenWhereTheyAreAsync()
        {
            foreach (var (watcher, client) in _watchers)
            {
                foreach (var (walker, _) in _walkers)
                {
                    await Eventually.True(
                        () => Seen(client, walker).LastOrDefault() is { ValueKind: JsonValueKind.Object } last && last.GetProperty("lat").GetDouble() == _latitude,
                        $"{watcher.Name} sees where {walker.Name} is");
                }
            }
        }

        public void ExpectNothingTwice()
        {
            foreach (var (_, watcher) in _watchers)
            {
                foreach (var (walker, _) in _walkers)
                {
                    var times = Seen(watcher, walker).Select(entry => entry.GetProperty("time").GetInt64()).ToList();
                    Assert.Equal(times.Distinct().Order(), times);
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (_, client) in _walkers.Concat(_watchers))
            {
                await client.DisposeAsync();
            }
        }

        private static List<JsonElement> Seen(WireClient client, TestUser friend) =>
        [
            .. client.Received
                .Where(message => message.GetProperty("type").GetString() == "friends")
                .SelectMany(message => message.GetProperty("moved").EnumerateArray())
                .Where(entry => entry.GetProperty("id").GetString() == friend.Id),
        ];
    }
}
