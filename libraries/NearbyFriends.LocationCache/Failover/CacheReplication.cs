using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using NearbyFriends.Fanout.Channels;
using StackExchange.Redis;

namespace NearbyFriends.LocationCache.Failover;

/// <summary>Makes servers of the location cache primaries and replicas, by their names.</summary>
/// <remarks>
/// A replica needs its primary's password, which is in configuration, and its address as servers see each other. That is
/// the address of the connection string, unless the primary says otherwise by <c>replica-announce-ip</c> and
/// <c>replica-announce-port</c>: in a container, services on the host reach it by another.
/// </remarks>
public sealed partial class CacheReplication(PubSubServers servers, IConfiguration configuration, ILogger<CacheReplication> logger)
{
    private const int PatienceMs = 2000;

    private readonly ConcurrentDictionary<string, (string Host, int Port)> _addresses = new(StringComparer.Ordinal);

    /// <summary>Has a server take writes.</summary>
    /// <exception cref="RedisException">It does not answer, or refuses.</exception>
    public async Task PromoteAsync(string server)
    {
        await using var admin = await AdministerAsync(server);
        await admin.GetDatabase().ExecuteAsync("REPLICAOF", "NO", "ONE");
    }

    /// <summary>Makes true that <paramref name="primary"/> takes writes, and that <paramref name="replica"/> follows it; does nothing where it is so.</summary>
    /// <exception cref="RedisException">One does not answer, or refuses.</exception>
    public async Task AlignAsync(string primary, string replica)
    {
        if (await RoleOfAsync(primary) is not Role.Master)
        {
            await PromoteAsync(primary);
            LogPromoted(primary);
        }

        var role = await RoleOfAsync(replica);
        var (host, port) = _addresses.TryGetValue(primary, out var known) ? known : _addresses[primary] = await AddressAsync(primary);
        if (role is Role.Replica follows && follows.MasterIp == host && follows.MasterPort == port)
            return;

        var source = ConfigurationOptions.Parse(configuration.GetConnectionString(primary)!);
        await using var admin = await AdministerAsync(replica);
        var database = admin.GetDatabase();
        await database.ExecuteAsync("CONFIG", "SET", "masterauth", source.Password ?? "");
        await database.ExecuteAsync("REPLICAOF", host, port);
        LogFollows(replica, primary);
    }

    private async Task<Role> RoleOfAsync(string server) => await servers.Connection(server).GetServers()[0].RoleAsync();

    private async Task<(string Host, int Port)> AddressAsync(string server)
    {
        await using var admin = await AdministerAsync(server);
        var announced = (await admin.GetServers()[0].ConfigGetAsync("replica-announce-*"))
            .ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.Ordinal);
        var (host, port) = admin.GetEndPoints()[0] switch
        {
            DnsEndPoint name => (name.Host, name.Port),
            IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            var other => throw new RedisException($"A replica cannot follow {other}."),
        };
        return (
            announced.GetValueOrDefault("replica-announce-ip") is { Length: > 0 } ip2 ? ip2 : host,
            announced.GetValueOrDefault("replica-announce-port") is { Length: > 0 } and not "0" and var port2 ? int.Parse(port2, CultureInfo.InvariantCulture) : port);
    }

    // A connection for the purpose: administration is not allowed on those that the service works with.
    private async Task<ConnectionMultiplexer> AdministerAsync(string server)
    {
        var options = ConfigurationOptions.Parse(configuration.GetConnectionString(server)!);
        options.AllowAdmin = options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = options.AsyncTimeout = PatienceMs;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    [LoggerMessage(LogLevel.Warning, "Location cache server {Server} was a replica, and is the primary again.")]
    private partial void LogPromoted(string server);

    [LoggerMessage(LogLevel.Information, "Location cache server {Replica} follows {Primary}.")]
    private partial void LogFollows(string replica, string primary);
}
