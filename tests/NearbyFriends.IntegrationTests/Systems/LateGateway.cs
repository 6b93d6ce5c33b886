using Microsoft.Extensions.Options;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.LocationCache;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Systems;

/// <summary>
/// What a gateway that lags behind would still do: send frames and write locations of a sharing version that is over.
/// </summary>
public sealed class LateGateway : IAsyncDisposable
{
    private static readonly ChannelScheme Channels = ChannelScheme.TryParse(new FanoutOptions().Channels)!;

    private readonly List<ConnectionMultiplexer> _servers;
    private readonly ConnectionMultiplexer _cache;

    private LateGateway(List<ConnectionMultiplexer> servers, ConnectionMultiplexer cache)
    {
        _servers = servers;
        _cache = cache;
        Cache = new RedisLocationCache(cache, Options.Create(new LocationCacheOptions()), Options.Create(new PresenceOptions()), TimeProvider.System);
    }

    /// <summary>The location cache, as gateways write it.</summary>
    public RedisLocationCache Cache { get; }

    public static async Task<LateGateway> StartAsync(NearbySystem system)
    {
        var servers = new List<ConnectionMultiplexer>();
        foreach (var server in system.PubSub)
            servers.Add(await ConnectionMultiplexer.ConnectAsync(server.ConnectionString));

        return new LateGateway(servers, await ConnectionMultiplexer.ConnectAsync(system.Cache.ConnectionString));
    }

    /// <summary>Sends one frame on the channel of its first entry's user; on every server, since the ring knows which one it is.</summary>
    public async Task PublishAsync(params FrameEntry[] entries)
    {
        var builder = new FrameBuilder();
        foreach (var entry in entries)
            builder.TryAdd(entry, default);

        var frame = builder.Take(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000);
        foreach (var server in _servers)
            await server.GetSubscriber().PublishAsync(Channels.Partition(Channels.SlotOf(entries[0].UserId)), frame);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();

        await _cache.DisposeAsync();
    }
}
