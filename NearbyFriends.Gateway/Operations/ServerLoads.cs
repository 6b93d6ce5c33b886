using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;

namespace NearbyFriends.Gateway.Operations;

/// <summary>What a pub/sub server does at the moment.</summary>
/// <param name="MessagesPerSecond">Messages published on it, 1/s.</param>
/// <param name="BytesPerSecond">Bytes that it received and sent, 1/s.</param>
/// <param name="Cpu">Processor time it used, seconds a second.</param>
public sealed record ServerLoad(double MessagesPerSecond, double BytesPerSecond, double Cpu);

/// <summary>
/// Asks pub/sub servers what they do, when an operator does: two readings of Redis's INFO make a rate. The last reading
/// serves as the first of the next question, so that whoever looks on sees the time between the looks.
/// </summary>
public sealed class ServerLoads(TimeProvider clock)
{
    private static readonly TimeSpan ShortestSample = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestSample = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Reading> _last = new(StringComparer.Ordinal);

    /// <summary>The load of each of these servers; null where one does not answer.</summary>
    /// <param name="servers">Their names; null where nobody knows where one is.</param>
    public async Task<IReadOnlyDictionary<string, ServerLoad?>> SampleAsync(IEnumerable<(string Name, IServer? Server)> servers)
    {
        var loads = await Task.WhenAll(servers.Select(async server => (server.Name, Load: await SampleAsync(server.Name, server.Server))));
        return loads.ToDictionary(server => server.Name, server => server.Load, StringComparer.Ordinal);
    }

    private async Task<ServerLoad?> SampleAsync(string name, IServer? server)
    {
        if (server is null)
        {
            return null;
        }

        var now = clock.GetTimestamp();
        if (!_last.TryGetValue(name, out var first) || clock.GetElapsedTime(first.At, now) > LongestSample)
        {
            first = await ReadAsync(server);
        }

        if (first is not null && clock.GetElapsedTime(first.At) is var age && age < ShortestSample)
        {
            await Task.Delay(ShortestSample - age, clock);
        }

        if (first is null || await ReadAsync(server) is not { } second)
        {
            _last.TryRemove(name, out _);
            return null;
        }

        _last[name] = second;
        var seconds = clock.GetElapsedTime(first.At, second.At).TotalSeconds;
        return second.Messages < first.Messages
            ? new ServerLoad(0, 0, 0) // it was restarted in between
            : new ServerLoad(
                Math.Round((second.Messages - first.Messages) / seconds, 1),
                Math.Round((second.Bytes - first.Bytes) / seconds),
                Math.Round((second.CpuSeconds - first.CpuSeconds) / seconds, 3));
    }

    private async Task<Reading?> ReadAsync(IServer server)
    {
        try
        {
            var info = (await server.ExecuteAsync("INFO", "all")).ToString();
            return new(
                clock.GetTimestamp(),
                Number(info, "cmdstat_publish:calls=") + Number(info, "cmdstat_spublish:calls="),
                Number(info, "total_net_input_bytes:") + Number(info, "total_net_output_bytes:"),
                Number(info, "used_cpu_user:") + Number(info, "used_cpu_sys:"));
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>The number behind a name at the start of a line; 0 when Redis counts no such thing yet.</summary>
    private static double Number(string info, string name)
    {
        var at = info.IndexOf('\n' + name, StringComparison.Ordinal);
        if (at < 0)
        {
            return 0;
        }

        var number = info.AsSpan(at + 1 + name.Length);
        var end = number.IndexOfAny(",\r\n");
        return double.Parse(end < 0 ? number : number[..end], CultureInfo.InvariantCulture);
    }

    private sealed record Reading(long At, double Messages, double Bytes, double CpuSeconds);
}
