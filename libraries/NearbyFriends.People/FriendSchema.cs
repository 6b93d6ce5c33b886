using System.Reflection;

namespace NearbyFriends.People;

/// <summary>The database of users and friendships.</summary>
public static class FriendSchema
{
    /// <summary>
    /// Connection name of the Postgres database; also the key of its <c>NpgsqlDataSource</c>, and the folder of its migrations.
    /// </summary>
    public const string Database = "users";

    /// <summary>Where its migrations are embedded.</summary>
    public static Assembly Migrations => typeof(FriendSchema).Assembly;

    /// <summary>
    /// The tables that a Citus cluster spreads over its nodes, the column that decides the node, and the table whose rows of the same value
    /// lie on the same node.
    /// </summary>
    public static IReadOnlyList<(string Name, string Column, string? ColocatedWith)> Distributed { get; } =
    [
        ("users", "id", null),
        ("friendships", "user_id", "users"),
        ("friend_requests", "addressee_id", "users"),
        ("blocks", "blocker_id", "users"),
        ("blocked_by", "user_id", "users"),
        ("changes", "user_id", "users"),
        ("deletions", "user_id", "users"),
        ("devices", "user_id", "users"),
        ("alerts", "user_id", "users"),
        ("push_subscriptions", "user_id", "users"),
        ("user_names", "name", null),
        ("subjects", "subject", null),
    ];
}
