using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace NearbyFriends.ServiceDefaults.Servers;

/// <summary>
/// Whether a Redis refuses what no longer fits, rather than drop something that was written, and has a limit at all. Looked at once,
/// when the service starts and the server answers.
/// </summary>
/// <param name="redis">The server, or the masters of a cluster.</param>
/// <param name="name">Of its connection string.</param>
/// <param name="clock">Times the pauses while the server is unavailable.</param>
/// <param name="logger">Takes the warning.</param>
internal sealed partial class MemoryPolicy(IConnectionMultiplexer redis, string name, TimeProvider clock, ILogger<MemoryPolicy> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong with a server; null if nothing is, or if it does not tell.</summary>
    /// <param name="memory">Its <c>INFO memory</c>.</param>
    /// <param name="name">Of its connection string, for the message.</param>
    public static string? Problem(IReadOnlyDictionary<string, string> memory, string name)
    {
        if (memory.GetValueOrDefault("maxmemory_policy") is { } policy and not "noeviction")
        {
            return $"The Redis of ConnectionStrings:{name} drops what was written when it is full (maxmemory-policy {policy}): set maxmemory-policy noeviction.";
        }

        return memory.GetValueOrDefault("maxmemory") == "0"
            ? $"The Redis of ConnectionStrings:{name} has no limit and would take the machine's memory: set maxmemory."
            : null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await LookAsync() && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> LookAsync()
    {
        try
        {
            foreach (var server in redis.GetServers().Where(server => !server.IsReplica))
            {
                var memory = (await server.InfoAsync("memory")).SelectMany(section => section).ToDictionary(StringComparer.Ordinal);
                if (Problem(memory, name) is { } problem)
                {
                    LogProblem(problem);
                    break; // the nodes of a cluster are alike
                }
            }

            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            return false; // the server is unavailable
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private partial void LogProblem(string problem);
}
