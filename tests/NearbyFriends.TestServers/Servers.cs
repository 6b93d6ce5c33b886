namespace NearbyFriends.TestServers;

/// <summary>
/// The servers that the tests of one run share, each started when first asked for. Tests keep apart by databases of
/// their own and by user ids that nobody else uses; a test that takes a server away starts its own.
/// </summary>
/// <remarks>Registered as an assembly fixture, it is injected into a test class that names it in its constructor.</remarks>
public sealed class Servers : IAsyncDisposable
{
    private static long _lastUserId = 1_000_000;
    private static int _lastDatabase;

    private readonly Lazy<Task<RedisServer>> _redis = new(() => RedisServer.StartAsync());
    private readonly Lazy<Task<PostgresServer>> _postgres = new(PostgresServer.StartAsync);

    public Task<RedisServer> RedisAsync() => _redis.Value;

    public Task<PostgresServer> PostgresAsync() => _postgres.Value;

    /// <summary>An empty database that no other test uses; its connection string.</summary>
    public async Task<string> NewDatabaseAsync() =>
        await (await PostgresAsync()).CreateDatabaseAsync($"test_{Interlocked.Increment(ref _lastDatabase)}");

    /// <summary>A user id that no other test uses.</summary>
    public static long NewUserId() => Interlocked.Increment(ref _lastUserId);

    public async ValueTask DisposeAsync()
    {
        if (_redis.IsValueCreated)
        {
            await (await _redis.Value).DisposeAsync();
        }

        if (_postgres.IsValueCreated)
        {
            await (await _postgres.Value).DisposeAsync();
        }
    }
}
