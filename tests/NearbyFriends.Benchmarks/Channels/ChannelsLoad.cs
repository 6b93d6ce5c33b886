using NearbyFriends.Tools;

namespace NearbyFriends.Benchmarks.Channels;

/// <summary>One way to fan out, and how much of it.</summary>
/// <param name="Server">Connection string of the pub/sub server; with actors, of the Redis that keeps their membership.</param>
/// <param name="Transport">As <c>Fanout:Transport</c> takes it, <c>Ring</c> or <c>Actors</c>.</param>
/// <param name="Channels">As <c>Fanout:Channels</c> takes it.</param>
/// <param name="Window">As <c>Fanout:FrameWindow</c> takes it.</param>
/// <param name="Gateways">Gateways that publish, and as many that are subscribed.</param>
/// <param name="Users">Who move; each gateway watches them all.</param>
/// <param name="UpdatesPerSecond">Of all users together.</param>
internal sealed record ChannelsLoad(string Server, string Transport, string Channels, TimeSpan Window, int Gateways, int Users, int UpdatesPerSecond);

/// <summary>What a worker that publishes does.</summary>
internal enum Pace
{
    /// <summary>Nothing, while another way is measured.</summary>
    Rest,

    /// <summary>Keeps time and sends nothing: what the processes cost by themselves.</summary>
    Wait,

    /// <summary>Sends.</summary>
    Send,
}

/// <summary>How far a worker has come.</summary>
/// <param name="Cpu">Processor time of its process, in microseconds.</param>
/// <param name="Updates">Updates that its publishers took, or that all of its subscribers heard.</param>
/// <param name="Watching">What its subscriptions took.</param>
/// <param name="Latencies">Of updates heard so far, from the publisher's hand to the subscriber's: <see cref="LatencyHistogram.Buckets"/>.</param>
internal readonly record struct WorkerState(double Cpu, double Updates, WatchingCost Watching, long[] Latencies)
{
    public static WorkerState operator -(WorkerState later, WorkerState earlier) => new(
        later.Cpu - earlier.Cpu, later.Updates - earlier.Updates, later.Watching, [.. later.Latencies.Zip(earlier.Latencies, (after, before) => after - before)]);
}

/// <summary>What it takes to watch all users at all gateways.</summary>
/// <param name="Cpu">Processor time, in microseconds.</param>
/// <param name="Memory">Bytes on the managed heap, garbage excluded.</param>
internal readonly record struct WatchingCost(double Cpu, double Memory)
{
    /// <summary>What the process holds and has used so far.</summary>
    public static WatchingCost Now() => new(Environment.CpuUsage.TotalTime.TotalMicroseconds, GC.GetTotalMemory(forceFullCollection: true));

    public static WatchingCost operator -(WatchingCost later, WatchingCost earlier) => new(later.Cpu - earlier.Cpu, later.Memory - earlier.Memory);
}
