using StackExchange.Redis;

namespace NearbyFriends.ServiceDefaults.Servers;

/// <summary>
/// Whether a Redis refuses what no longer fits, rather than drop something that was written, and has a limit at all.
/// </summary>
internal static class MemoryPolicy
{
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

    /// <summary>What is wrong with the first server that has a problem; null if none has, for the nodes of a cluster are alike.</summary>
    /// <param name="redis">The server, or the masters of a cluster.</param>
    /// <param name="name">Of its connection string, for the message.</param>
    /// <exception cref="RedisException">The server is unavailable.</exception>
    public static async Task<string?> FindProblemAsync(IConnectionMultiplexer redis, string name)
    {
        foreach (var server in redis.GetServers().Where(server => !server.IsReplica))
        {
            var memory = (await server.InfoAsync("memory")).SelectMany(section => section).ToDictionary(StringComparer.Ordinal);
            if (Problem(memory, name) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }
}
