namespace NearbyFriends.CapacityPlan;

/// <summary>Machines of one kind.</summary>
/// <param name="What">Their kind.</param>
/// <param name="Count">How many, standbys and replicas included.</param>
/// <param name="Cores">Busy cores of all together.</param>
/// <param name="Gigabytes">Memory of all together, or disk where it says so; 10^9 bytes.</param>
/// <param name="GigabitsPerSecond">Network of all together, the busier direction.</param>
/// <param name="Why">What decides their number.</param>
public sealed record Machines(string What, double Count, double Cores, double Gigabytes, double GigabitsPerSecond, string Why);

/// <summary>The fleet for a demand, by arithmetic from unit costs.</summary>
public sealed class FleetPlan
{
    private const double Micro = 1e-6;
    private const double Giga = 1e9;
    private const double NetworkGigabits = 10; // of a machine
    private const double CacheMemoryGigabytes = 25; // of a shard: what a replica copies within a minute or so
    private const double DatabaseDiskGigabytes = 8_000; // of a node
    private const double DatabaseCores = 16; // of a node
    private const double CoresOfACell = 6; // what a cell has however small it is: three etcd, a standby, replicas
    private static readonly int[] CellChoices = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 512];

    private readonly Demand _demand;
    private readonly UnitCosts _costs;

    private FleetPlan(Demand demand, UnitCosts costs, int cells)
    {
        (_demand, _costs, Cells) = (demand, costs, cells);
        Gateways = demand.Gateways ?? Math.Ceiling(demand.Connected / (double)demand.ConnectionsPerGateway);
        Traffic = Traffic.Of(demand, Gateways, cells);
        Machines = [GatewayFleet(), PubSub(), Cache(), Users(), Stream(), Workers(), History()];
    }

    /// <summary>Regional cells.</summary>
    public int Cells { get; }

    /// <summary>Gateways of all cells.</summary>
    public double Gateways { get; }

    public Traffic Traffic { get; }

    /// <summary>The fleet, in the order in which a location travels.</summary>
    public IReadOnlyList<Machines> Machines { get; }

    /// <summary>Busy cores that fan-out between gateways takes: all that cells can save, and what they cost themselves.</summary>
    public double FanoutCores => FrameCores + RedisCores + (Cells * CoresOfACell);

    /// <summary>The plan with the number of cells that the demand names, or that costs least.</summary>
    public static FleetPlan Of(Demand demand, UnitCosts costs) =>
        demand.Cells is { } cells ? new(demand, costs, cells) : Choices(demand, costs).MinBy(plan => plan.FanoutCores)!;

    /// <summary>The same demand in more and more cells, none of fewer than two gateways.</summary>
    public static IReadOnlyList<FleetPlan> Choices(Demand demand, UnitCosts costs) =>
        [.. CellChoices.Select(cells => new FleetPlan(demand, costs, cells)).Where(plan => plan.Cells == 1 || plan.Gateways / plan.Cells >= 2)];

    /// <summary>Redis servers that the classic design would need for its pushes, a channel for each user, by CPU.</summary>
    public double ClassicServers => Math.Ceiling(ClassicDeliveries * _costs.RedisFrameUs * Micro / _demand.Utilisation);

    /// <summary>Cores that its gateways would spend on those pushes.</summary>
    public double ClassicGatewayCores => (ClassicDeliveries + _demand.UpdatesPerSecond) * (_costs.FrameUs + _costs.EntryUs) * Micro;

    /// <summary>Its pushes a second: each update to each gateway that has one of the user's active friends.</summary>
    public double ClassicDeliveries => _demand.UpdatesPerSecond * Gateways * (1 - Math.Pow(1 - (1 / Gateways), _demand.ActiveFriends));

    /// <summary>Memory of its subscriptions: each gateway's distinct watched users, connected or not.</summary>
    public double ClassicGigabytes => Gateways * WatchedBy(_demand.Connected / Gateways) * _costs.ChannelBytes / Giga;

    /// <summary>Cores that an actor for each user would take for its updates, without any broker.</summary>
    public double ActorCores => ClassicDeliveries * _costs.ActorDeliveryUs * Micro;

    /// <summary>Cores that its users who connect would take until they watch their friends.</summary>
    public double ActorConnectCores => Connects * _demand.Friends * _costs.ActorWatchUs * Micro;

    /// <summary>Memory of its actors, one for each user whom somebody connected watches, and of what they know of gateways.</summary>
    public double ActorGigabytes =>
        ((WatchedBy(_demand.Connected) * _costs.ActorBytes) + (Gateways * WatchedBy(_demand.Connected / Gateways) * _costs.ActorWatchBytes)) / Giga;

    /// <summary>One cell, to be simulated.</summary>
    /// <param name="duration">How much time to count, after two flushes that are not.</param>
    public FleetScenario CellScenario(TimeSpan duration) => new(
        (int)(_demand.Connected / Cells),
        Math.Max(2, (int)Math.Round(_demand.ActiveFriends / 2) * 2),
        (int)Math.Max(1, Gateways / Cells),
        _demand.Partitions,
        _demand.Interval,
        _demand.Window,
        _demand.Flush,
        WarmUp: 2 * _demand.Flush,
        duration);

    private double FrameCores =>
        (((Traffic.Frames + Traffic.FrameDeliveries) * _costs.FrameUs) + (Traffic.EntryDeliveries * _costs.EntryUs)) * Micro;

    private double RedisCores => (Traffic.Frames + Traffic.FrameDeliveries) * _costs.RedisFrameUs * Micro;

    private double FrameGigabits => 8 * ((Traffic.FrameDeliveries * _costs.FrameBytes) + (Traffic.EntryDeliveries * _costs.FrameEntryBytes)) / Giga;

    /// <summary>Different friends of so many users.</summary>
    private double WatchedBy(double users) => _demand.Registered * (1 - Math.Exp(-users * _demand.Friends / _demand.Registered));

    private double Connects => _demand.Connected / _demand.Session.TotalSeconds;

    private Machines GatewayFleet()
    {
        var cores = FrameCores + ((Traffic.Updates * _costs.UpdateUs)
            + (Traffic.FriendUpdates * _costs.DeliveryUs)
            + (Traffic.Messages * _costs.MessageUs)
            + (Connects * _costs.ConnectUs)) * Micro;
        var network = FrameGigabits + (8 * ((Traffic.Messages * _costs.MessageBytes) + (Traffic.MessageEntries * _costs.MessageEntryBytes)) / Giga);
        return new(
            "gateways", Gateways, cores, _demand.Connected * _costs.ConnectionBytes / Giga, network,
            $"{_demand.Connected / Gateways:N0} connections each, {cores / Gateways / _demand.Utilisation:0.0} cores each at {_demand.Utilisation:P0}");
    }

    private Machines PubSub()
    {
        // Redis runs commands on one core.
        var byCpu = RedisCores / Cells / _demand.Utilisation;
        var byNetwork = FrameGigabits / Cells / NetworkGigabits / _demand.Utilisation;
        var servers = Math.Max(2, Math.Ceiling(Math.Max(byCpu, byNetwork)));
        return new(
            "pub/sub servers", Cells * (servers + 1), RedisCores, Cells * (servers + 1) * 0.1, FrameGigabits,
            $"{servers:N0} and a standby in each of {Cells:N0} {(Cells == 1 ? "cell" : "cells")}; {(byNetwork > byCpu ? "network" : "CPU")} asks for {Math.Max(byCpu, byNetwork):0.0}");
    }

    private Machines Cache()
    {
        var cores = ((Traffic.Updates * _costs.CacheWriteUs) + (Connects * _demand.Friends * _costs.CacheReadUs)) * Micro;
        var memory = _demand.Connected * _costs.CacheBytes / Giga;
        var masters = Math.Max(Cells, Math.Ceiling(Math.Max(cores / _demand.Utilisation, memory / CacheMemoryGigabytes)));
        return new("location cache", 2 * masters, cores, 2 * memory, 0, $"a Redis Cluster of {masters:N0} masters and a replica of each; CPU of writing decides, not memory");
    }

    private Machines Users()
    {
        var graph = (double)_demand.Registered * _demand.Friends * _costs.FriendRowBytes / Giga;
        var disk = graph + (_demand.Registered * _costs.UserBytes / Giga);
        var nodes = Math.Ceiling(disk / DatabaseDiskGigabytes);
        return new("user database", 2 * nodes, 0, 2 * disk, 0, $"disk; {nodes:N0} nodes of 8 TB and a replica of each; the friend graph is {graph / 1_000:0.0} TB of it");
    }

    private Machines Stream()
    {
        var cores = Traffic.Updates * _costs.StreamUs * Micro;
        var memory = Traffic.Updates * _demand.HistoryBuffer.TotalSeconds * _costs.StreamBytes / Giga;
        var servers = Math.Ceiling(Math.Max(cores / _demand.Utilisation, memory / CacheMemoryGigabytes));
        return new("history stream", servers, cores, memory, 0, $"a buffer of {_demand.HistoryBuffer.TotalMinutes:0} minutes for a database that is unavailable");
    }

    private Machines Workers()
    {
        var cores = Traffic.Updates * _costs.WorkerUs * Micro;
        return new("history workers", Math.Max(2, Math.Ceiling(cores / _demand.Utilisation)), cores, 0, 0, "a core each");
    }

    private Machines History()
    {
        var cores = Traffic.Updates * _costs.HistoryRowUs * Micro;
        var disk = Traffic.Updates * 86_400 * _demand.HistoryDays * _costs.HistoryRowBytes / Giga;
        var (byDisk, byCpu) = (disk / DatabaseDiskGigabytes, cores / DatabaseCores / _demand.Utilisation);
        var nodes = Math.Ceiling(Math.Max(byDisk, byCpu));
        return new(
            "history database", 2 * nodes, 2 * cores, 2 * disk, 0,
            $"disk; {nodes:N0} nodes of 8 TB and a replica of each for {_demand.HistoryDays} days; writing alone would need {Math.Ceiling(byCpu):N0}");
    }
}
