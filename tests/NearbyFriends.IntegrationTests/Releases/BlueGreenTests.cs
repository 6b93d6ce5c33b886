using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Releases;

/// <summary>deploy/azure/blue-green.sh on real gateways behind a real balancer; only az is a stand-in.</summary>
public sealed class BlueGreenTests(Servers servers)
{
    [Fact]
    public async Task Nobody_notices_that_a_new_set_replaces_the_old_one_by_weight_nor_that_it_is_rolled_back()
    {
        await using var system = await NearbySystem.StartAsync(
            servers, ("Gateway:Version", "1"), ("Gateway:Flush", "00:00:00"),
            ("Gateway:DrainDelay", "00:00:03"), ("Gateway:DrainPerSecond", "20"), ("Gateway:DrainTime", "00:01:00"));
        await using var balancer = await HaProxyServer.StartAsync(slots: 4, checkEvery: TimeSpan.FromMilliseconds(100));
        await using var app = await LocalContainerApp.StartAsync(system, balancer);
        await Eventually.True(() => balancer.IsUpAsync(0), "the balancer sees a gateway");
        await using var circle = await MovingCircle.StartAsync(system, balancer.Address, "Ada", "Bo", "Cy", "Di", "Ed", "Flo");

        Assert.Equal("", await app.BlueGreenAsync("release", "registry.example.com/nearbyfriends/gateway:2"));
        await ExpectEverybodyMovedToAsync("2");

        Assert.Equal("", await app.BlueGreenAsync("rollback"));
        await ExpectEverybodyMovedToAsync("1");

        Assert.Equal(["v1 100", "v1 100", "v1 90 v2 10", "v1 50 v2 50", "v2 100", "v1 100"], app.Traffic);

        async Task ExpectEverybodyMovedToAsync(string version)
        {
            await app.DrainedAsync();
            await Eventually.True(() => app.SessionsOf(version) == circle.Count, $"everybody has a session at version {version}");
            await circle.ExpectRightListsAsync();
            Assert.Empty(circle.Failures);
            Assert.Equal(version == "2" ? circle.Count : 2 * circle.Count, circle.Reconnects);
        }
    }
}
