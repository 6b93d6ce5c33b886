using NearbyFriends.TestServers;
using NearbyFriends.Tools;
using StackExchange.Redis;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary>One way to fan out, with its Redis and its two processes; at rest but while it is measured.</summary>
/// <remarks>Actors live in the process of the subscribers; the publishers send to them as the Api does.</remarks>
internal sealed class FanoutSide : IAsyncDisposable
{
    private readonly RedisServer _server;
    private readonly ConnectionMultiplexer _redis;
    private readonly WorkerProcess _subscriber;
    private readonly WorkerProcess _publisher;

    private FanoutSide(RedisServer server, ConnectionMultiplexer redis, WorkerProcess subscriber, WorkerProcess publisher) =>
        (_server, _redis, _subscriber, _publisher) = (server, redis, subscriber, publisher);

    /// <summary>What was measured so far.</summary>
    public List<UnitCost> Rounds { get; } = [];

    /// <summary>What a user costs for each gateway that watches: subscriptions there, in Redis, and actors.</summary>
    public WatchingCost Watching { get; private init; }

    public static async Task<FanoutSide> StartAsync(
        string transport, string channels, TimeSpan window, int gateways, int users, int updatesPerSecond)
    {
        var server = await RedisServer.StartAsync();
        var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var before = await RedisUseAsync(redis);
        var load = new ChannelsLoad(server.ConnectionString, transport, channels, window, gateways, users, updatesPerSecond);
        var subscriber = await WorkerProcess.StartAsync(ChannelsWorker.Subscribing, load);
        var (clients, servers) = (subscriber.AtStart.Watching, await RedisUseAsync(redis) - before);
        return new(server, redis, subscriber, await WorkerProcess.StartAsync(ChannelsWorker.Publishing, load))
        {
            Watching = new((clients.Cpu + servers.Cpu) / users / gateways, (clients.Memory + servers.Memory) / users / gateways),
        };
    }

    /// <summary>Lets updates flow for a time; what they cost is what the processes use more than in as long a time without.</summary>
    public async Task<UnitCost> MeasureAsync(TimeSpan duration)
    {
        var idle = await UseAsync(Pace.Wait, duration / 2);
        var busy = await UseAsync(Pace.Send, duration);
        await _publisher.StateAsync(Pace.Rest);
        return new(
            (busy.Redis - (2 * idle.Redis)) / busy.Sent.Updates,
            (busy.Sent.Cpu - (2 * idle.Sent.Cpu)) / busy.Sent.Updates,
            (busy.Heard.Cpu - (2 * idle.Heard.Cpu)) / busy.Sent.Updates,
            busy.Sent.Updates / duration.TotalSeconds,
            Math.Max(0, 1 - (busy.Heard.Updates / busy.Sent.Updates)),
            LatencyHistogram.Of(busy.Heard.Latencies));
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _subscriber.DisposeAsync();
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static async Task<WatchingCost> RedisUseAsync(ConnectionMultiplexer redis) => new(
        (await RedisInfo.CpuAsync(redis.GetDatabase())).TotalMicroseconds, await RedisInfo.NumberAsync(redis.GetDatabase(), "used_memory"));

    private async Task<(double Redis, WorkerState Sent, WorkerState Heard)> UseAsync(Pace pace, TimeSpan duration)
    {
        await _publisher.StateAsync(pace);
        await Task.Delay(TimeSpan.FromSeconds(0.5)); // what was before is through
        var (redis, heard, sent) = (await RedisInfo.CpuAsync(_redis.GetDatabase()), await _subscriber.StateAsync(pace), await _publisher.StateAsync(pace));
        await Task.Delay(duration);
        return (
            (await RedisInfo.CpuAsync(_redis.GetDatabase()) - redis).TotalMicroseconds, await _publisher.StateAsync(pace) - sent,
            await _subscriber.StateAsync(pace) - heard);
    }
}

/// <summary>Microseconds of processor time per update, and how a round went.</summary>
/// <param name="Redis">The server.</param>
/// <param name="Publisher">All publishers.</param>
/// <param name="Subscriber">All subscribers.</param>
/// <param name="UpdatesPerSecond">The rate that was kept.</param>
/// <param name="NotHeard">Share of updates that had not reached all subscribers at the end.</param>
/// <param name="Latencies">From the publisher's hand to the subscriber's, the frame's window included.</param>
internal sealed record UnitCost(double Redis, double Publisher, double Subscriber, double UpdatesPerSecond, double NotHeard, LatencyHistogram Latencies)
{
    public double Client => Publisher + Subscriber;

    public double All => Redis + Client;
}
