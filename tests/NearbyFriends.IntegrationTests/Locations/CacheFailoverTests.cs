using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Locations;

/// <summary>A Redis Cluster for the location cache alone, beside the ring; a master dies, and its replica takes over.</summary>
public sealed class CacheFailoverTests(Servers servers)
{
    private const double Latitude = 35.6812;
    private const double Longitude = 139.7671;
    private const int Friends = 18; // so many that every master has some of them, whatever their ids
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(120); // that it ends is tested here, how soon the benchmark measures

    [Fact]
    public async Task Without_a_master_lists_are_partial_and_they_are_whole_again_once_its_replica_has_taken_over()
    {
        await using var cluster = await RedisCluster.StartAsync(); // its time-out is long enough for a list without the master
        await using var system = await NearbySystem.StartAsync(
            servers, ("LocationCache:Cluster", "true"), ("ConnectionStrings:location-cache", cluster.ConnectionString));
        var ada = await system.NewUserAsync("Ada");
        var friends = await system.NewCrowdAsync(Friends, ada);
        var sockets = new List<WireClient>();
        foreach (var friend in friends)
        {
            sockets.Add(await friend.ConnectAsync(gateway: 1));
            await sockets[^1].LocateAsync(Latitude, Longitude);
            await sockets[^1].ExpectAsync("nearby");
        }

        await cluster.KillMasterAsync(slot: 0);

        // Gateway 0 knows of nobody, so the list comes from the cache alone.
        await using var watcher = await ada.ConnectAsync(gateway: 0);
        await watcher.ExpectAsync("error", m => m.GetProperty("code").GetString() == "partial");
        await watcher.LocateAsync(Latitude, Longitude);
        Assert.InRange((await watcher.ExpectAsync("nearby")).GetProperty("friends").GetArrayLength(), 1, Friends - 1);

        // One update interval: everybody moves once.
        foreach (var (friend, socket) in friends.Zip(sockets))
        {
            await socket.LocateAsync(Latitude + 0.0001, Longitude);
            await watcher.ExpectMovedAsync(friend);
        }

        // Whoever comes once the replica serves gets a whole list from the cache.
        await Eventually.True(
            async () =>
            {
                foreach (var socket in sockets)
                {
                    await socket.LocateAsync(Latitude, Longitude);
                }

                await using var late = await ada.ConnectAsync(gateway: 0);
                await late.LocateAsync(Latitude, Longitude);
                return (await late.ExpectAsync("nearby")).GetProperty("total").GetInt32() == Friends && !late.HasReceived("error");
            },
            "a list is whole",
            Recovery);
        foreach (var socket in sockets)
        {
            await socket.DisposeAsync();
        }
    }
}
