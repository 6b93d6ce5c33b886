namespace NearbyFriends.CapacityPlan;

/// <summary>What the fleet is to carry, and how it is set.</summary>
public sealed record Demand
{
    /// <summary>Users who are connected at once.</summary>
    public long Connected { get; init; } = 10_000_000;

    /// <summary>Users who have an account.</summary>
    public long Registered { get; init; } = 1_000_000_000;

    /// <summary>Friends of each.</summary>
    public int Friends { get; init; } = 400;

    /// <summary>Share of friends who are connected and nearby, 0 to 1.</summary>
    public double Active { get; init; } = 0.1;

    /// <summary>Between two locations of a user.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gateways of the fleet; null: as many as the connections need.</summary>
    public int? Gateways { get; init; }

    /// <summary>Connections that a gateway takes when their number decides how many gateways there are.</summary>
    public int ConnectionsPerGateway { get; init; } = 100_000;

    /// <summary>Regional cells, each with gateways and pub/sub servers of its own; null: as many as cost least.</summary>
    public int? Cells { get; init; }

    /// <summary>Share of users near the border of a cell, whose updates two cells hear.</summary>
    public double Border { get; init; } = 0.05;

    /// <summary>Channels that users share.</summary>
    public int Partitions { get; init; } = 16;

    /// <summary>How long an update waits for others in its frame.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Least time between two messages to a client.</summary>
    public TimeSpan Flush { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection lasts.</summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Days for which locations are kept.</summary>
    public int HistoryDays { get; init; } = 90;

    /// <summary>How long the history stream must hold what the database does not take.</summary>
    public TimeSpan HistoryBuffer { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Share of a machine that may be busy, 0 to 1: the rest is for peaks and for the loss of a neighbour.</summary>
    public double Utilisation { get; init; } = 0.5;

    /// <summary>Friends who are connected and nearby.</summary>
    public double ActiveFriends => Friends * Active;

    /// <summary>Locations a second.</summary>
    public double UpdatesPerSecond => Connected / Interval.TotalSeconds;
}
