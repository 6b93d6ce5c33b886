using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace NearbyFriends.Core.Fanout;

/// <summary>
/// Connections to pub/sub servers by name. Where a server is, only configuration says (<c>ConnectionStrings:{name}</c>):
/// what is agreed on in etcd are names.
/// </summary>
public sealed class PubSubServers(IServiceProvider services, IConfiguration configuration)
{
    /// <summary>Whether this process has a connection string for a server of this name.</summary>
    public bool IsConfigured(string name) => !string.IsNullOrWhiteSpace(configuration.GetConnectionString(name));

    /// <summary>The connection to a server, made when first asked for; it is there also while the server is away.</summary>
    /// <exception cref="InvalidOperationException">The name has no connection string.</exception>
    public IConnectionMultiplexer Connection(string name) => services.GetRequiredKeyedService<IConnectionMultiplexer>(name);
}
