using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace NearbyFriends.Fanout.Channels;

/// <summary>
/// Connections to pub/sub servers by name. Where a server is, only configuration says (<c>ConnectionStrings:{name}</c>):
/// what is agreed on in etcd are names.
/// </summary>
public sealed class PubSubServers(IServiceProvider services, IConfiguration configuration, ILogger<PubSubServer> logger)
{
    private readonly ConcurrentDictionary<string, PubSubServer> _servers = new(StringComparer.Ordinal);

    /// <summary>Whether this process has a connection string for a server of this name.</summary>
    public bool IsConfigured(string name) => !string.IsNullOrWhiteSpace(configuration.GetConnectionString(name));

    /// <summary>The server of this name; the same object each time.</summary>
    /// <exception cref="InvalidOperationException">The name has no connection string.</exception>
    public PubSubServer Server(string name) => _servers.GetOrAdd(name, name => new(Connection(name), services.GetRequiredService<TimeProvider>(), logger));

    /// <summary>The connection to a server, made when first asked for; it is there also while the server is unavailable.</summary>
    /// <exception cref="InvalidOperationException">The name has no connection string.</exception>
    public IConnectionMultiplexer Connection(string name) => services.GetRequiredKeyedService<IConnectionMultiplexer>(name);

    /// <summary>Whether a server answers on a connection made for the purpose, which no earlier failure delays.</summary>
    /// <param name="name">Has a connection string.</param>
    /// <param name="patience">How long it may take.</param>
    public async Task<bool> AnswersAsync(string name, TimeSpan patience)
    {
        var options = ConfigurationOptions.Parse(configuration.GetConnectionString(name)!);
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = options.AsyncTimeout = (int)patience.TotalMilliseconds;
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
            await connection.GetDatabase().PingAsync();
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
