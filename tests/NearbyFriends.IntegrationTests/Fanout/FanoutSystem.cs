using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Fanout;

/// <summary>
/// A system that fans out in one of the ways there are, shared by the tests of one <see cref="FanoutContract"/>. Another
/// transport is another class here and one line in FanoutContractTests.cs.
/// </summary>
public abstract class FanoutSystem : IAsyncLifetime
{
    /// <summary>The Api and two gateways.</summary>
    public NearbySystem System { get; private set; } = null!;

    /// <summary>The channels that a process of the system subscribes to, as its pub/sub servers say.</summary>
    public abstract Task<IReadOnlyCollection<string>> SubscribedChannelsAsync();

    public async ValueTask InitializeAsync() => System = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts it; updates are to be pushed at once (<c>Gateway:Flush</c> zero).</summary>
    protected abstract Task<NearbySystem> StartAsync();
}

/// <summary>Independent pub/sub servers, <c>Fanout:Transport=Ring</c>.</summary>
public abstract class RingFanoutSystem(Servers servers, string channels) : FanoutSystem
{
    protected override Task<NearbySystem> StartAsync() =>
        NearbySystem.StartAsync(servers, ("Fanout:Channels", channels), ("Gateway:Flush", "00:00:00"));

    public override async Task<IReadOnlyCollection<string>> SubscribedChannelsAsync()
    {
        var subscribed = new List<string>();
        foreach (var server in System.PubSub)
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
            var found = await connection.GetServers().Single().SubscriptionChannelsAsync(RedisChannel.Pattern("fanout:*"));
            subscribed.AddRange(found.Select(channel => channel.ToString()));
        }

        return subscribed;
    }
}
