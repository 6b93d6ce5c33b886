using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Gateway.Sessions;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;

namespace NearbyFriends.IntegrationTests.Releases;

/// <summary>
/// New versions behind the balancer's shipped configuration, which knows nothing of releases, while clients move. The newer version is
/// the same build under another name.
/// </summary>
public sealed class ReleaseTests(Servers servers)
{
    [Fact]
    public async Task Nobody_notices_a_release_one_by_one_nor_one_of_a_whole_set_nor_that_it_is_taken_back()
    {
        await using var system = await NearbySystem.StartAsync(
            servers, ("Gateway:Version", "1"), ("Gateway:Flush", "00:00:00"),
            ("Gateway:DrainDelay", "00:00:00.5"), ("Gateway:DrainPerSecond", "20"), ("Gateway:DrainTime", "00:01:00"));
        await using var balancer = await HaProxyServer.StartAsync(slots: 4, checkEvery: TimeSpan.FromMilliseconds(100));
        await PutAsync(0, 0);
        await PutAsync(1, 1);
        await using var circle = await MovingCircle.StartAsync(system, balancer.Address, "Ada", "Bo", "Cy", "Di", "Ed", "Flo");

        // One by one.
        foreach (var slot in new[] { 0, 1 })
        {
            var newer = await system.StartGatewayAsync(("Gateway:Version", "2"));
            await system.StopGatewayAsync(slot);
            await PutAsync(slot, newer);
        }

        await ExpectEverybodyAtAsync(2, 3);
        Assert.InRange(circle.Reconnects, circle.Count, circle.Count * 3 / 2);

        // A whole set beside the one that runs.
        await PutAsync(2, await system.StartGatewayAsync(("Gateway:Version", "3")));
        await PutAsync(3, await system.StartGatewayAsync(("Gateway:Version", "3")));
        await MoveAsync([(0, 2), (1, 3)], [(2, 4), (3, 5)]);

        // And back.
        await MoveAsync([(2, 4), (3, 5)], [(0, 2), (1, 3)]);

        Assert.Equal((0, 0), (circle.FailedConnects, circle.BrokenConnections));

        async Task PutAsync(int slot, int gateway)
        {
            await balancer.PutAsync(slot, system.Gateways[gateway]);
            await Eventually.True(() => balancer.IsUpAsync(slot), "the balancer sees the gateway");
        }

        async Task MoveAsync((int Slot, int Gateway)[] from, (int Slot, int Gateway)[] to)
        {
            var before = circle.Reconnects;
            foreach (var (slot, gateway) in to)
            {
                using var serves = await DrainAsync(HttpMethod.Delete, gateway);
                await Eventually.True(() => balancer.IsUpAsync(slot), "the balancer sees the gateway");
                await balancer.SetWeightAsync(slot, 100);
            }

            foreach (var (slot, _) in from)
                await balancer.SetWeightAsync(slot, 0);

            foreach (var (_, gateway) in from)
            {
                using var drains = await DrainAsync(HttpMethod.Post, gateway);
            }

            await Eventually.True(() => SessionsOf([.. from.Select(place => place.Gateway)]) == 0, "everybody was sent away");
            await circle.ExpectRightListsAsync();
            Assert.Equal(circle.Count, SessionsOf([.. to.Select(place => place.Gateway)]));
            Assert.Equal(circle.Count, circle.Reconnects - before);
        }

        async Task ExpectEverybodyAtAsync(params int[] gateways)
        {
            await Eventually.True(() => SessionsOf(gateways) == circle.Count, "everybody has a session there");
            await circle.ExpectRightListsAsync();
        }

        Task<HttpResponseMessage> DrainAsync(HttpMethod method, int gateway) =>
            system.OperateAsync(method, $"gateways/gateway-{gateway}/drain", gateway: gateway);

        int SessionsOf(params int[] gateways) => gateways.Sum(gateway => system.GatewayServices[gateway].GetRequiredService<SessionRegistry>().Count);
    }
}
