namespace NearbyFriends.DeployTests;

/// <summary>The formula of docs/deployment.md, "Databases that shard".</summary>
public static class DatabaseConnections
{
    /// <summary>Those of a server's <c>max_connections</c> that services leave to people and migrations.</summary>
    public const int Reserved = 30;
}
