using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Releases;

/// <summary>
/// A new version behind the balancer's shipped configuration, which knows nothing of releases, while clients move. The newer version is
/// the same build under another name.
/// </summary>
public sealed class ReleaseTests(Servers servers)
{
    [Fact]
    public async Task Nobody_notices_that_gateways_are_replaced_one_by_one()
    {
        await using var system = await NearbySystem.StartAsync(
            servers, ("Gateway:Version", "1"), ("Gateway:Flush", "00:00:00"),
            ("Gateway:DrainDelay", "00:00:03"), ("Gateway:DrainPerSecond", "20"), ("Gateway:DrainTime", "00:01:00"));
        await using var balancer = await HaProxyServer.StartAsync(slots: 2, checkEvery: TimeSpan.FromMilliseconds(100));
        await PutAsync(0, 0);
        await PutAsync(1, 1);
        await using var circle = await MovingCircle.StartAsync(system, balancer.Address, "Ada", "Bo", "Cy", "Di", "Ed", "Flo");

        foreach (var slot in new[] { 0, 1 })
        {
            var newer = await system.StartGatewayAsync(("Gateway:Version", "2"));
            await system.StopGatewayAsync(slot);
            await PutAsync(slot, newer);
        }

        await Eventually.True(() => SessionsOf(2) + SessionsOf(3) == circle.Count, "everybody has a session at a new gateway");
        await circle.ExpectRightListsAsync();
        Assert.Empty(circle.Failures);
        Assert.InRange(circle.Reconnects, circle.Count, circle.Count * 3 / 2);

        async Task PutAsync(int slot, int gateway)
        {
            await balancer.PutAsync(slot, system.Gateways[gateway]);
            await Eventually.True(() => balancer.IsUpAsync(slot), "the balancer sees the gateway");
        }

        int SessionsOf(int gateway) => system.GatewayServices[gateway].GetRequiredService<SessionRegistry>().Count;
    }
}
