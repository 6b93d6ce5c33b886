using System.Net.Sockets;
using Aspire.Hosting.Testing;
using Xunit;

namespace NearbyFriends.AppHostTests;

/// <summary>What is left of the system after it has stopped.</summary>
public sealed class StoppingTests
{
    readonly List<(string Host, int Port)> addresses = [];

    [Fact]
    public async Task Nothing_listens_any_more_once_it_has_stopped()
    {
        var cancel = TestContext.Current.CancellationToken;
        var system = new RunningSystem();
        await using (system)
        {
            await system.InitializeAsync();
            system.Need();
            var endpoints = await system.Endpoints(cancel);
            addresses.AddRange(endpoints.Gateways.Append(endpoints.Gateway).Append(endpoints.Api).Select(url => new Uri(url)).Select(url => (url.Host, url.Port)));
            foreach (var server in new[] { "location-cache", "pubsub-0", "history-stream" })
            {
                var address = (await system.Application.GetConnectionStringAsync(server, cancel))!.Split(',')[0].Split(':');
                addresses.Add((address[0], int.Parse(address[1], System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        foreach (var (host, port) in addresses)
        {
            using var client = new TcpClient();
            await Assert.ThrowsAnyAsync<SocketException>(() => client.ConnectAsync(host, port, cancel).AsTask());
        }
    }
}
