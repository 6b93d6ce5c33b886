using NearbyFriends.LoadGenerator;

namespace NearbyFriends.Benchmarks.Peers;

/// <summary>One way to do the job, running: its servers and brokers, and the users who connect to it.</summary>
/// <param name="Name">As the metrics name it.</param>
/// <param name="What">What it is, for the table.</param>
/// <param name="Processes">All servers and brokers that work for it.</param>
/// <param name="Load">Its users.</param>
internal sealed record Peer(string Name, string What, IReadOnlyList<int> Processes, Load Load)
{
    /// <summary>Microseconds of CPU for each friend update that reached a client, of each round.</summary>
    public List<double> Rounds { get; } = [];

    /// <summary>Of the rounds together: what was sent and received, and how old it was.</summary>
    public LoadSnapshot Seen { get; set; } = LoadSnapshot.Nothing;

    /// <summary>Milliseconds of CPU of each process from a client's connection until its list is complete.</summary>
    public IReadOnlyList<double> ConnectMilliseconds { get; set; } = [];

    /// <summary>Of two updates of a friend within it, only the later one is told; zero: each is told.</summary>
    public TimeSpan Pace { get; init; }

    /// <summary>Whether it cannot grow beyond one process: a limit to stand beside, not a peer to choose.</summary>
    public bool IsLimit { get; init; }

    /// <summary>Resident bytes of each process before anybody connected.</summary>
    public IReadOnlyList<long> EmptyMemory { get; set; } = [];

    /// <summary>Resident bytes a connection of each process, above the peer without connections.</summary>
    public IReadOnlyList<double> BytesPerConnection { get; set; } = [];

    /// <summary>The most locations a second, of all users together, whose updates friends have in time; 0: not even twice the job's.</summary>
    public double HighestRate => CostByRate.Count == 0 ? 0 : CostByRate[^1].Rate;

    /// <summary>Microseconds of CPU for a location with all its deliveries, at each rate (locations a second) that was held.</summary>
    public List<(double Rate, double Microseconds)> CostByRate { get; } = [];

    public IReadOnlyList<double> CpuSeconds() => [.. Processes.Select(Gateways.ProcessUse.CpuSeconds)];

    public IReadOnlyList<long> Memory() => [.. Processes.Select(Gateways.ProcessUse.TreeMemory)];
}
