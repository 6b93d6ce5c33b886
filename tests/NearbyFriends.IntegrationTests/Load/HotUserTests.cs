using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Load;

/// <summary>
/// A user with many friends who are all online, half of them on each gateway: 200, or as many as the environment variable
/// <c>HotUser__Friends</c> says (docs/decisions/0003-hot-user.md has the figures of 5,000).
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class HotUserTests(Servers servers)
{
    private const double Latitude = 35.6762;
    private const double Longitude = 139.6503;

    private static readonly int Friends = int.Parse(Environment.GetEnvironmentVariable("HotUser__Friends") ?? "200", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Publishing_costs_one_entry_of_a_frame_however_many_friends_watch()
    {
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Flush", "00:00:00"));
        var hot = await system.NewUserAsync("Hot");
        await using var friends = await OnlineFriends.ArriveAsync(system, hot);
        await using var client = await ArriveAsync(hot, gateway: 0);
        await friends.ExpectAllToldAsync(hot, Latitude);
        await using var wire = await Wiretap.StartAsync(system);

        var since = Stopwatch.StartNew();
        await client.LocateAsync(Latitude + 0.001, Longitude);
        await friends.ExpectAllToldAsync(hot, Latitude + 0.001);
        TestContext.Current.SendDiagnosticMessage($"{Friends} friends were told within {since.ElapsedMilliseconds} ms.");

        await Eventually.True(() => wire.CountEntriesAbout(hot) > 0, "the frame passes");
        Assert.Equal(1, wire.CountEntriesAbout(hot));
    }

    [Fact]
    public async Task Receiving_is_one_message_a_flush_however_many_friends_move()
    {
        const int Rounds = 5;
        var flush = TimeSpan.FromSeconds(2);
        await using var system = await NearbySystem.StartAsync(servers, ("Gateway:Flush", flush.ToString()));
        var hot = await system.NewUserAsync("Hot");
        await using var friends = await OnlineFriends.ArriveAsync(system, hot);
        await using var client = await ArriveAsync(hot, gateway: 0);
        var watched = Stopwatch.StartNew();

        for (var round = 1; round <= Rounds; round++)
        {
            await friends.MoveAsync(Latitude + (round * 0.001));
        }

        var seen = new Dictionary<string, double>(StringComparer.Ordinal);
        var messages = 0;
        await client.ExpectAsync("friends", message =>
        {
            messages++;
            foreach (var moved in message.GetProperty("moved").EnumerateArray())
            {
                seen[moved.GetProperty("id").GetString()!] = moved.GetProperty("lat").GetDouble();
            }

            return seen.Count == Friends && seen.Values.All(latitude => Math.Abs(latitude - (Latitude + (Rounds * 0.001))) < 1e-6);
        });

        TestContext.Current.SendDiagnosticMessage($"{Rounds * Friends} updates of {Friends} friends came in {messages} messages over {watched.Elapsed.TotalSeconds:0.0} s.");

        // However slow the machine is: the first at once, and no more than one for each flush since.
        Assert.InRange(messages, 1, 2 + (int)(watched.Elapsed / flush));
    }

    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby", message => message.GetProperty("total").GetInt32() == Friends);
        return client;
    }

    /// <summary>The friends' clients.</summary>
    private sealed class OnlineFriends(List<WireClient> clients) : IAsyncDisposable
    {
        public static async Task<OnlineFriends> ArriveAsync(NearbySystem system, TestUser hot)
        {
            var clients = new List<WireClient>();
            foreach (var (i, friend) in (await system.NewCrowdAsync(Friends, hot)).Index())
            {
                var client = await friend.ConnectAsync(gateway: i % 2);
                await client.LocateAsync(Latitude, Longitude);
                await client.ExpectAsync("nearby");
                clients.Add(client);
            }

            return new(clients);
        }

        public async Task MoveAsync(double latitude)
        {
            foreach (var client in clients)
            {
                await client.LocateAsync(latitude, Longitude);
            }
        }

        public async Task ExpectAllToldAsync(TestUser friend, double latitude)
        {
            foreach (var client in clients)
            {
                await client.ExpectMovedAsync(friend, moved => Math.Abs(moved.GetProperty("lat").GetDouble() - latitude) < 1e-6);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    /// <summary>Hears every frame that passes a pub/sub server.</summary>
    private sealed class Wiretap(List<ConnectionMultiplexer> servers) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<FrameEntry> _entries = [];

        public static async Task<Wiretap> StartAsync(NearbySystem system)
        {
            var tap = new Wiretap([]);
            foreach (var server in system.PubSub)
            {
                var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
                await connection.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("fanout:*"), (_, frame) => tap.Hear((byte[])frame!));
                tap.Add(connection);
            }

            return tap;
        }

        public int CountEntriesAbout(TestUser user) => _entries.Count(entry => entry.UserId == user.Number);

        public async ValueTask DisposeAsync()
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }

        private void Add(ConnectionMultiplexer server) => servers.Add(server);

        private void Hear(byte[] frame)
        {
            Assert.True(FrameReader.TryOpen(frame, out var reader));
            while (reader.TryRead(out var entry, out _))
            {
                _entries.Enqueue(entry);
            }
        }
    }
}
