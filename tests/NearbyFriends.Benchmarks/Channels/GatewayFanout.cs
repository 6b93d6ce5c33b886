using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NearbyFriends.Fanout;
using NearbyFriends.Fanout.Actors;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.ServiceDefaults.Servers;
using NearbyFriends.TestServers;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary>The fan-out of one gateway and nothing else of it: its own connections, publisher and subscriptions.</summary>
internal sealed class GatewayFanout : IAsyncDisposable
{
    private readonly IHost _host;

    private GatewayFanout(IHost host) => _host = host;

    public FanoutPublisher Publisher => _host.Services.GetRequiredService<FanoutPublisher>();

    public FanoutSubscriber Subscriber => _host.Services.GetRequiredService<FanoutSubscriber>();

    /// <summary>Starts one on the servers and with the channels of <paramref name="load"/>.</summary>
    public static async Task<GatewayFanout> StartAsync(ChannelsLoad load, bool hostsActors)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:pubsub-0"] = load.Server,
            ["ConnectionStrings:membership"] = load.Server,
            ["Fanout:Transport"] = load.Transport,
            ["Fanout:Servers:0"] = "pubsub-0",
            ["Fanout:Channels"] = load.Channels,
            ["Orleans:Clustering:ProviderType"] = "Redis",
            ["Orleans:Clustering:ServiceKey"] = "membership",
            ["Orleans:Endpoints:AdvertisedIPAddress"] = "127.0.0.1",
            ["Orleans:Endpoints:SiloPort"] = $"{FreePort.Choose()}",
        });
        builder.AddPubSubServers();
        builder.AddFanoutActors(hostsActors);
        builder.Services.AddFanout();
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
