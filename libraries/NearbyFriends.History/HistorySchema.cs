using System.Reflection;

namespace NearbyFriends.History;

/// <summary>The database of the location history.</summary>
public static class HistorySchema
{
    /// <summary>
    /// Connection name of the Postgres database; also the key of its <c>NpgsqlDataSource</c>, and the folder of its migrations.
    /// </summary>
    public const string Database = "history";

    /// <summary>Where its migrations are embedded.</summary>
    public static Assembly Migrations => typeof(HistorySchema).Assembly;

    /// <summary>As in the database of users; the small tables stay on the coordinator.</summary>
    public static IReadOnlyList<(string Name, string Column, string? ColocatedWith)> Distributed { get; } = [("location_history", "user_id", null)];
}
