using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core;
using Npgsql;

namespace NearbyFriends.People;

/// <summary>Users and friendships from our own database (<c>Friends:Source=Database</c>).</summary>
/// <remarks>
/// A gateway calls <see cref="LoadAsync"/> for every connection, so it is one prepared statement whose answer is one
/// row with the friend ids as an array: no row per friend is parsed on either side.
/// </remarks>
/// <param name="database">Database <c>users</c>.</param>
/// <param name="options">Says whether a subject is a user's id.</param>
public sealed class FriendDatabase([FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database, FriendSubjects options) : IFriendSource
{
    private const string LoadSql = """
        select u.display_name, u.sharing, u.locked, u.sharing_version, u.friends_version,
               array(select f.friend_id from friendships f where f.user_id = u.id order by f.friend_id)
        from users u
        where u.id = $1
        """;

    /// <inheritdoc/>
    public async Task<UserFriends?> LoadAsync(long userId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(LoadSql, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = userId } } };
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new UserFriends(
                userId, reader.GetString(0), reader.GetBoolean(1), reader.GetBoolean(2), reader.GetInt64(3), reader.GetInt64(4),
                reader.GetFieldValue<long[]>(5))
            : null;
    }

    /// <inheritdoc/>
    /// <remarks>A subject of this system's own tokens is answered without asking the database whether the user still exists.</remarks>
    public async Task<long?> FindBySubjectAsync(string subject, CancellationToken cancellationToken)
    {
        if (options.AreUserIds)
            return UserId.Parse(subject);

        await using var command = database.Command("select user_id from subjects where subject = $1", subject);
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<long, string>> DisplayNamesAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
    {
        var names = new Dictionary<long, string>(userIds.Count);
        await using var command = database.Command("select id, display_name from users where id = any($1)", userIds.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            names.Add(reader.GetInt64(0), reader.GetString(1));

        return names;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<UserVersions>> VersionsAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select id, sharing, sharing_version, friends_version from users where id = any($1) and not locked", userIds.ToArray());
        return await command.ReadAllAsync(
            row => new UserVersions(row.GetInt64(0), row.GetBoolean(1), row.GetInt64(2), row.GetInt64(3)), cancellationToken);
    }
}
