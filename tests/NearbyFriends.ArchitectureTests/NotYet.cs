namespace NearbyFriends.ArchitectureTests;

/// <summary>What does not hold yet. Whoever mends it takes it away here.</summary>
internal static class NotYet
{
    /// <summary>References that point sideways or upwards.</summary>
    public static IReadOnlyList<string> References { get; } =
    [
        // The location cache's own failover, which goes, keeps its record beside the ring's and is placed by the ring's hashing.
        "NearbyFriends.LocationCache -> NearbyFriends.Fanout",
        // Writing people announces it; writing moves into the Api.
        "NearbyFriends.People -> NearbyFriends.Fanout",
        "NearbyFriends.People -> NearbyFriends.LocationCache",
    ];

    /// <summary>Projects with namespaces that need each other.</summary>
    public static IReadOnlyList<string> Cycles { get; } =
    [
        "NearbyFriends.Gateway", // its rooms are being divided
        "NearbyFriends.LocationCache", // its own failover, which goes
    ];
}
