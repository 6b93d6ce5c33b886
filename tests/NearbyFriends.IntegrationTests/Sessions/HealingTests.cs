using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.People;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Sessions;

/// <summary>
/// The pub/sub message that announced a change was lost: here the Api publishes to a server that no gateway hears. The
/// journal makes up for it.
/// </summary>
public sealed class HealingTests(Servers servers)
{
    private const double Latitude = 59.9139;
    private const double Longitude = 10.7522;

    [Fact]
    public async Task A_lost_end_of_a_friendship_heals()
    {
        await using var unheard = await RedisServer.StartAsync();
        await using var system = await StartAsync(unheard);
        var (a, b) = await system.NewFriendsAsync();
        await using var first = await ArriveAsync(a, gateway: 0);
        await using var second = await ArriveAsync(b, gateway: 1);
        await first.ExpectMovedAsync(b);

        await a.SendAsync(HttpMethod.Delete, $"v1/friends/{b.Id}");

        Assert.Equal("gone", await first.ExpectLeftAsync(b));
        Assert.Equal("gone", await second.ExpectLeftAsync(a));
    }

    [Fact]
    public async Task A_lost_new_friendship_heals()
    {
        await using var unheard = await RedisServer.StartAsync();
        await using var system = await StartAsync(unheard);
        var a = await system.NewUserAsync("Ada");
        var b = await system.NewUserAsync("Bo");
        await using var first = await ArriveAsync(a, gateway: 0);
        await using var second = await ArriveAsync(b, gateway: 1);

        await NearbySystem.BefriendAsync(a, b);

        await first.ExpectAsync("friendAdded");
        await second.ExpectAsync("friendAdded");
        await first.ExpectMovedAsync(b);
        await second.ExpectMovedAsync(a);
    }

    [Fact]
    public async Task Sharing_that_was_switched_unheard_heals_for_friends_and_for_the_user()
    {
        await using var unheard = await RedisServer.StartAsync();
        await using var system = await StartAsync(unheard);
        var (a, b) = await system.NewFriendsAsync();
        await using var watcher = await ArriveAsync(a, gateway: 0);
        await using var hiding = await ArriveAsync(b, gateway: 1);
        await watcher.ExpectMovedAsync(b);

        await b.ShareAsync(false);

        Assert.Equal("gone", await watcher.ExpectLeftAsync(b));
        await hiding.ExpectAsync("sharing", m => !m.GetProperty("sharing").GetBoolean());
        await hiding.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == 0);

        await b.ShareAsync(true);

        await hiding.ExpectAsync("sharing", m => m.GetProperty("sharing").GetBoolean());
        await hiding.LocateAsync(Latitude, Longitude);
        await watcher.ExpectMovedAsync(b);
    }

    [Fact]
    public async Task A_device_on_the_gateway_where_a_friend_connects_is_told_that_its_user_hides()
    {
        await using var unheard = await RedisServer.StartAsync();
        await using var system = await StartAsync(unheard);
        var (a, b) = await system.NewFriendsAsync();
        await using var hiding = await ArriveAsync(b, gateway: 0);
        await b.ShareAsync(false);

        // The friend's connection reads the tombstone before the journal may have been read.
        await using var watcher = await ArriveAsync(a, gateway: 0);

        await hiding.ExpectAsync("sharing", m => !m.GetProperty("sharing").GetBoolean());
        await hiding.ExpectAsync("nearby", m => m.GetProperty("total").GetInt32() == 0);
        await Eventually.True(() => watcher.LastTotal() == 0, "its friend is not shown");
    }

    [Fact]
    public async Task A_lost_deletion_closes_the_users_sockets()
    {
        await using var unheard = await RedisServer.StartAsync();
        await using var system = await StartAsync(unheard);
        var (a, b) = await system.NewFriendsAsync();
        await using var deleted = await ArriveAsync(a, gateway: 0);
        await using var friend = await ArriveAsync(b, gateway: 1);

        await a.SendAsync(HttpMethod.Delete, "v1/me");

        Assert.Equal(4403, await deleted.ExpectCloseAsync());
        Assert.Equal("gone", await friend.ExpectLeftAsync(a));
    }

    [Fact]
    public async Task A_change_that_was_read_while_a_session_was_being_opened_reaches_it_too()
    {
        var loads = new HeldLoads();
        await using var system = await NearbySystem.StartAsync(
            servers,
            services => services.AddSingleton<IFriendSource>(provider => loads.Of(provider.GetRequiredService<FriendDatabase>())),
            ("Friends:ReadChangesEvery", "00:00:00.5"),
            ("Gateway:Flush", "00:00:00"));
        var (a, b) = await system.NewFriendsAsync();
        await using var friend = await ArriveAsync(b, gateway: 1);
        await using var earlier = await ArriveAsync(a, gateway: 0);
        loads.Hold();
        var opening = ArriveAsync(a, gateway: 0);
        await loads.Loaded;

        await b.SendAsync(HttpMethod.Delete, $"v1/friends/{a.Id}");
        await earlier.ExpectLeftAsync(b);
        loads.Release();

        await using var opened = await opening;
        await Eventually.True(() => opened.LastTotal() == 0, "it hears of the change, with its first list or after it");
    }

    private Task<NearbySystem> StartAsync(RedisServer unheard) => NearbySystem.StartAsync(
        servers,
        [("ConnectionStrings:pubsub-0", unheard.ConnectionString), ("ConnectionStrings:pubsub-1", unheard.ConnectionString)],
        ("Friends:ReadChangesEvery", "00:00:00.5"),
        ("Gateway:Flush", "00:00:00"));

    private static async Task<WireClient> ArriveAsync(TestUser user, int gateway)
    {
        var client = await user.ConnectAsync(gateway);
        await client.LocateAsync(Latitude, Longitude);
        await client.ExpectAsync("nearby");
        return client;
    }

    /// <summary>A friend source whose next load is answered late.</summary>
    private sealed class HeldLoads
    {
        private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _holds;

        /// <summary>Ends when a held load has its answer.</summary>
        public Task Loaded => _loaded.Task;

        public void Hold() => _holds = true;

        public void Release()
        {
            _holds = false;
            _released.SetResult();
        }

        public IFriendSource Of(IFriendSource source) => new Source(this, source);

        private sealed class Source(HeldLoads loads, IFriendSource source) : IFriendSource
        {
            public async Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken)
            {
                var user = await source.LoadAsync(userId, cancellationToken);
                if (loads._holds)
                {
                    loads._loaded.TrySetResult();
                    await loads._released.Task;
                }

                return user;
            }

            public Task<UserSharing?> FindSharingAsync(long userId, CancellationToken cancellationToken) => source.FindSharingAsync(userId, cancellationToken);

            public Task<long[]> LoadBlocksAsync(long userId, CancellationToken cancellationToken) => source.LoadBlocksAsync(userId, cancellationToken);

            public Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => source.FindBySubjectAsync(subject, cancellationToken);

            public Task<long?> FindByDeviceAsync(string userName, string password, CancellationToken cancellationToken) =>
                source.FindByDeviceAsync(userName, password, cancellationToken);

            public Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
                source.DisplayNamesAsync(userIds, cancellationToken);

            public Task<JournalTail> ReadChangesAsync(string? cursor, TimeSpan last, CancellationToken cancellationToken) =>
                source.ReadChangesAsync(cursor, last, cancellationToken);
        }
    }
}
