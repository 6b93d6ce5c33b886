using Microsoft.Extensions.DependencyInjection;
using NearbyFriends.Core;
using NearbyFriends.Fanout.Channels;
using NearbyFriends.Fanout.Frames;
using NearbyFriends.LocationCache;
using Npgsql;

namespace NearbyFriends.People;

/// <summary>What became of a registration.</summary>
public enum RegistrationOutcome
{
    Registered,

    /// <summary>Somebody has this user name, perhaps in other case.</summary>
    NameTaken,

    /// <summary>The token's subject is a user already.</summary>
    RegisteredAlready,
}

/// <summary>Users: registering, finding, changing, deleting.</summary>
public sealed class UserAccounts(
    [FromKeyedServices(FriendSchema.Database)] NpgsqlDataSource database,
    FriendSubjects subjects,
    RedisLocationCache cache,
    FanoutPublisher publisher,
    TimeProvider clock)
{
    /// <summary>Makes a user.</summary>
    /// <param name="userName">Unique without regard to case; the caller has checked its form.</param>
    /// <param name="displayName">As friends see it.</param>
    /// <param name="subject">The subject of an outside issuer's tokens that will stand for the user; null for none.</param>
    /// <param name="sharing">Whether the location is shared from the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The user, when <see cref="RegistrationOutcome.Registered"/>.</returns>
    public async Task<(RegistrationOutcome Outcome, UserAccount? User)> RegisterAsync(
        string userName, string displayName, string? subject, bool sharing, CancellationToken cancellationToken)
    {
        var user = new UserAccount(UserId.New(), userName, displayName, sharing, Discoverable: true, Locked: false, SharingVersion: 1, FriendsVersion: 1);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        if (subject is not null)
            batch.Add("insert into subjects (subject, user_id) values ($1, $2)", subject, user.Id);

        batch.Add("insert into user_names (name, user_id) values ($1, $2)", Key(userName), user.Id);
        batch.Add(
            "insert into users (id, user_name, display_name, sharing, created_at) values ($1, $2, $3, $4, $5)",
            user.Id, userName, displayName, sharing, clock.GetUtcNow());
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (RegistrationOutcome.Registered, user);
        }
        catch (PostgresException e) when (IsTaken(e, "user_names_pkey"))
        {
            return (RegistrationOutcome.NameTaken, null);
        }
        catch (PostgresException e) when (IsTaken(e, "subjects_pkey"))
        {
            return (RegistrationOutcome.RegisteredAlready, null);
        }
    }

    /// <summary>The user; null when there is none.</summary>
    public async Task<UserAccount?> FindAsync(long userId, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {UserAccount.Columns} from users where id = $1", userId);
        return (await command.ReadAllAsync(UserAccount.Read, cancellationToken)).SingleOrDefault();
    }

    /// <summary>The user that a token's subject stands for; null when there is none.</summary>
    public async Task<UserAccount?> FindBySubjectAsync(string subject, CancellationToken cancellationToken)
    {
        if (subjects.AreUserIds)
            return UserId.Parse(subject) is { } id ? await FindAsync(id, cancellationToken) : null;

        await using var command = database.Command(
            $"""
            with known as materialized (select user_id from subjects where subject = $1)
            select {UserAccount.Columns} from known join users on users.id = known.user_id
            """,
            subject);
        return (await command.ReadAllAsync(UserAccount.Read, cancellationToken)).SingleOrDefault();
    }

    /// <summary>The user of this name, in any case, discoverable or not; null when there is none or it blocks <paramref name="askedBy"/>.</summary>
    /// <param name="userName">Exact but for case.</param>
    /// <param name="askedBy">Who looks; null for the system itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<UserAccount?> FindByNameAsync(string userName, long? askedBy, CancellationToken cancellationToken)
    {
        // One statement whether the name is known or not, so that time does not tell one from the other.
        await using var command = database.Command(
            $"""
            with named as materialized (select user_id from user_names where name = $1)
            select {UserAccount.Columns}
            from named join users on users.id = named.user_id
            left join blocks on blocks.blocker_id = users.id and blocks.blocked_id = $2
            where blocks.blocked_id is null
            """,
            Key(userName), askedBy ?? 0);
        return (await command.ReadAllAsync(UserAccount.Read, cancellationToken)).SingleOrDefault();
    }

    /// <summary>These users, in one query; who does not exist is absent.</summary>
    public async Task<IReadOnlyDictionary<long, UserAccount>> FindManyAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {UserAccount.Columns} from users where id = any($1)", userIds.ToArray());
        return (await command.ReadAllAsync(UserAccount.Read, cancellationToken)).ToDictionary(user => user.Id);
    }

    /// <summary>Changes the user and tells the gateways; hides it from its friends when sharing ends.</summary>
    /// <returns>The user after the change; null when there is none.</returns>
    /// <exception cref="StackExchange.Redis.RedisException">
    /// The location cache is away: the change is durable, hiding is not yet done. Asking again hides.
    /// </exception>
    public async Task<UserAccount?> ChangeAsync(long userId, UserChanges changes, CancellationToken cancellationToken)
    {
        if (changes.DisplayName is not null || changes.Discoverable is not null)
            await ChangeProfileAsync(userId, changes, cancellationToken);

        if (changes.Sharing is { } sharing)
            await ShareAsync(userId, sharing, cancellationToken);

        return await FindAsync(userId, cancellationToken);
    }

    /// <summary>
    /// Erases the user with its name, friendships, requests, blocks and cached location, and tells the gateways. Does
    /// nothing when there is no such user.
    /// </summary>
    public async Task DeleteAsync(long userId, CancellationToken cancellationToken)
    {
        await using var circle = await FriendCircle.LockAsync(database, userId, cancellationToken);
        if (circle is null)
            return;

        circle.TouchFriends(friendCount: -1);
        foreach (var (friend, _) in circle.Friends)
            circle.Changes.Add("delete from friendships where user_id = $1 and friend_id = $2", friend, userId);

        circle.Changes.Add("delete from friendships where user_id = $1", userId);
        circle.Changes.Add("delete from friend_requests where addressee_id = $1", userId);
        circle.Changes.Add("delete from friend_requests where requester_id = $1", userId);
        circle.Changes.Add("delete from blocks where blocker_id = $1", userId);
        circle.Changes.Add("delete from blocks where blocked_id = $1", userId);
        circle.Changes.Add("delete from subjects where user_id = $1", userId);
        circle.Changes.Add("delete from user_names where name = $1", Key(circle.User.UserName));
        circle.Changes.Add("delete from users where id = $1", userId);
        await circle.CommitAsync(cancellationToken);

        var version = circle.User.SharingVersion + 1;
        publisher.Publish(FrameEntry.UserDeleted(userId, version));
        foreach (var (friend, friendsVersion) in circle.Friends)
            publisher.Publish(FrameEntry.FriendRemoved(friend, friendsVersion + 1, userId, byThisUser: false));

        await cache.HideAsync(userId, version);
    }

    private async Task ChangeProfileAsync(long userId, UserChanges changes, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            """
            update users set
                friends_version = friends_version + 1,
                display_name = coalesce($2, display_name),
                discoverable = coalesce($3, discoverable)
            where id = $1
            returning friends_version
            """,
            userId, changes.DisplayName ?? (object)DBNull.Value, changes.Discoverable ?? (object)DBNull.Value);
        command.Parameters[1].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text;
        command.Parameters[2].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Boolean;
        if (await command.ExecuteScalarAsync(cancellationToken) is long version && changes.DisplayName is not null)
            publisher.Publish(FrameEntry.ProfileChanged(userId, version));
    }

    private async Task ShareAsync(long userId, bool sharing, CancellationToken cancellationToken)
    {
        await using var circle = await FriendCircle.LockAsync(database, userId, cancellationToken);
        if (circle is null)
            return;

        var version = circle.User.SharingVersion;
        if (circle.User.Sharing != sharing)
        {
            version++;
            circle.Changes.Add("update users set sharing = $2, sharing_version = $3 where id = $1", userId, sharing, version);
            circle.TouchFriends(friendCount: 0);
            await circle.CommitAsync(cancellationToken);
            publisher.Publish(FrameEntry.SharingChanged(userId, version, sharing));
        }

        // Also when sharing was off before: the cache may have been away when it was switched.
        if (!sharing)
            await cache.HideAsync(userId, version);
    }

    private static bool IsTaken(PostgresException e, string constraint) =>
        e.SqlState == PostgresErrorCodes.UniqueViolation
        && e.ConstraintName?.StartsWith(constraint, StringComparison.Ordinal) == true; // a shard adds its number

    private static string Key(string userName) => userName.ToLowerInvariant();
}
