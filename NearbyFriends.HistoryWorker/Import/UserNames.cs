using NearbyFriends.Core;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.HistoryWorker.Import;

/// <summary>
/// Whom an operator names. The worker itself has no access to the database of users: only a command that is given
/// <c>ConnectionStrings:users</c> can look up a name.
/// </summary>
public static class UserNames
{
    /// <summary>The id of a user.</summary>
    /// <param name="user">The id itself, in digits; or the user name.</param>
    /// <param name="configuration">Has the connection string.</param>
    /// <param name="cancellationToken">Abandons the query.</param>
    /// <exception cref="FormatException">Nobody has the name, or it cannot be looked up.</exception>
    /// <exception cref="NpgsqlException">The database is unavailable.</exception>
    public static async Task<long> FindAsync(string user, IConfiguration configuration, CancellationToken cancellationToken)
    {
        if (UserId.Parse(user) is { } id)
        {
            return id;
        }

        var connection = configuration.GetConnectionString(FriendSchema.Database)
            ?? throw new FormatException($"The name {user} is looked up in the database of users: set ConnectionStrings__{FriendSchema.Database}, or give the user's id.");
        await using var database = NpgsqlDataSource.Create(connection);
        await using var named = database.CreateCommand("select user_id from user_names where name = $1");
        named.Parameters.Add(new() { Value = user.ToLowerInvariant() });
        return await named.ExecuteScalarAsync(cancellationToken) as long? ?? throw new FormatException($"Nobody has the user name {user}.");
    }
}
