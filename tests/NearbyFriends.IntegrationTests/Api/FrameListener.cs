using System.Collections.Concurrent;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.IntegrationTests.Systems;
using NearbyFriends.TestServers;
using StackExchange.Redis;

namespace NearbyFriends.IntegrationTests.Api;

/// <summary>Hears every frame of a pub/sub server.</summary>
public sealed class FrameListener : IAsyncDisposable
{
    private readonly ConcurrentQueue<FrameEntry> _entries = new();
    private readonly ConnectionMultiplexer _redis;

    private FrameListener(ConnectionMultiplexer redis) => _redis = redis;

    /// <summary>All entries about a user so far.</summary>
    public IEnumerable<FrameEntry> About(TestUser user) => _entries.Where(entry => entry.UserId == user.Number);

    public static async Task<FrameListener> StartAsync(string connectionString)
    {
        var listener = new FrameListener(await OwnConnection.OpenAsync(connectionString));
        await listener._redis.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("fanout:*"), (_, frame) => listener.Read((byte[])frame!));
        return listener;
    }

    /// <summary>Waits for an entry about a user.</summary>
    public Task HeardAsync(TestUser user, Func<FrameEntry, bool> entry, string what) =>
        Eventually.True(() => About(user).Any(entry), what);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private void Read(byte[] frame)
    {
        Assert.True(FrameReader.TryOpen(frame, out var reader));
        while (reader.TryRead(out var entry, out _))
        {
            _entries.Enqueue(entry);
        }
    }
}
