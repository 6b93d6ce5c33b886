namespace NearbyFriends.Benchmarks.Channels;

/// <summary>One way to fan out, and how much of it.</summary>
/// <param name="Server">Connection string of the pub/sub server.</param>
/// <param name="Channels">As <c>Fanout:Channels</c> takes it.</param>
/// <param name="Window">As <c>Fanout:FrameWindow</c> takes it.</param>
/// <param name="Gateways">Gateways that publish, and as many that are subscribed.</param>
/// <param name="Users">Who move; each gateway watches them all.</param>
/// <param name="UpdatesPerSecond">Of all users together.</param>
internal sealed record ChannelsLoad(string Server, string Channels, TimeSpan Window, int Gateways, int Users, int UpdatesPerSecond);

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
internal readonly record struct WorkerState(double Cpu, double Updates)
{
    public static WorkerState operator -(WorkerState later, WorkerState earlier) => new(later.Cpu - earlier.Cpu, later.Updates - earlier.Updates);
}
