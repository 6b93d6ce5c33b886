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
}
