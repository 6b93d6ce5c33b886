using System.Globalization;
using StackExchange.Redis;

namespace NearbyFriends.Benchmarks;

/// <summary>What a Redis server says about itself.</summary>
internal static class RedisInfo
{
    /// <summary>Processor time that the server has used, all threads, user and system.</summary>
    public static async Task<TimeSpan> CpuAsync(IDatabase redis) =>
        TimeSpan.FromSeconds(await NumberAsync(redis, "used_cpu_user") + await NumberAsync(redis, "used_cpu_sys"));

    /// <summary>A number of <c>INFO</c>, such as <c>used_memory</c>.</summary>
    public static async Task<double> NumberAsync(IDatabase redis, string name)
    {
        var info = (string)(await redis.ExecuteAsync("INFO"))!;
        var line = info.Split('\n').First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
