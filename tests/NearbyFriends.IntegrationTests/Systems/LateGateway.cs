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
        Cache = new RedisLocationCache(cache, Options.Create(new LocationCacheOptions { WritePatience = TimeSpan.FromSeconds(3) }), Options.Create(new PresenceOptions()), TimeProvider.System);
    }

    /// <summary>The location cache, as gateways write it.</summary>
    public RedisLocationCache Cache { get; }

    public static async Task<LateGateway> StartAsync(NearbySystem system)
    {
        var servers = new List<ConnectionMultiplexer>();
        foreach (var server in system.PubSub)
        {
            servers.Add(await OwnConnection.OpenAsync(server.ConnectionString));
        }

        return new LateGateway(servers, await OwnConnection.OpenAsync(system.Cache.ConnectionString));
    }

    /// <summary>Sends one frame on the channel of its first entry's user.</summary>
    public Task PublishAsync(params FrameEntry[] entries) => PublishAsync(entries[0].UserId, FrameOf(entries));

    /// <summary>Sends one frame on the channel of a user; on every server, since the ring knows which one it is.</summary>
    public async Task PublishAsync(long userId, byte[] frame)
    {
        foreach (var server in _servers)
        {
            await server.GetSubscriber().PublishAsync(Channels.Partition(Channels.SlotOf(userId)), frame);
        }
    }

    /// <summary>The bytes of a frame that is sent now.</summary>
    public static byte[] FrameOf(params FrameEntry[] entries)
    {
        var builder = new FrameBuilder();
        foreach (var entry in entries)
        {
            builder.TryAdd(entry, default);
        }

        return builder.Take(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await _cache.DisposeAsync();
    }
}
