using NearbyFriends.Api.Changes;
using NearbyFriends.Core;
using NearbyFriends.People;
using Npgsql;

namespace NearbyFriends.Api.Accounts;

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
    ChangeAnnouncer announcer,
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
        var user = new UserAccount(
            UserId.New(), userName, displayName, sharing, Discoverable: true, Locked: false, SharingVersion: 1, FriendsVersion: 1,
            Strangers: false, StrangersVersion: 0);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        if (subject is not null)
            batch.Add("insert into subjects (subject, user_id) values ($1, $2) on conflict do nothing returning 1", subject, user.Id);

        batch.Add("insert into user_names (name, user_id) values ($1, $2) on conflict do nothing returning 2", Key(userName), user.Id);
        batch.Add(
            "insert into users (id, user_name, display_name, sharing, created_at) values ($1, $2, $3, $4, $5)",
            user.Id, userName, displayName, sharing, clock.GetUtcNow());
        var inserted = await ReadNumbersAsync(batch, cancellationToken);
        if (subject is not null && !inserted.Contains(1))
            return (RegistrationOutcome.RegisteredAlready, null);

        if (!inserted.Contains(2))
            return (RegistrationOutcome.NameTaken, null);

        await transaction.CommitAsync(CancellationToken.None);
        return (RegistrationOutcome.Registered, user);
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

        await using var command = database.Command("select user_id from subjects where subject = $1", subject);
        return await command.ExecuteScalarAsync(cancellationToken) is long userId ? await FindAsync(userId, cancellationToken) : null;
    }

    /// <summary>The user of this name, in any case, discoverable or not; null when there is none or it blocks <paramref name="askedBy"/>.</summary>
    /// <param name="userName">Exact but for case.</param>
    /// <param name="askedBy">Who looks; null for the system itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<UserAccount?> FindByNameAsync(string userName, long? askedBy, CancellationToken cancellationToken)
    {
        // The same statements whether the name is known or not, so that time does not tell one from the other.
        await using var named = database.Command("select user_id from user_names where name = $1", Key(userName));
        var userId = (long?)await named.ExecuteScalarAsync(cancellationToken) ?? 0;
        await using var found = database.Command(
            $"""
            select {UserAccount.Columns} from users
            where id = $1 and not exists (select from blocks where blocker_id = $1 and blocked_id = $2)
            """,
            userId, askedBy ?? 0);
        return (await found.ReadAllAsync(UserAccount.Read, cancellationToken)).SingleOrDefault();
    }

    /// <summary>These users, in one query; who does not exist is absent.</summary>
    public async Task<IReadOnlyDictionary<long, UserAccount>> FindManyAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {UserAccount.Columns} from users where id = any($1)", userIds.ToArray());
        return (await command.ReadAllAsync(UserAccount.Read, cancellationToken)).ToDictionary(user => user.Id);
    }

    /// <summary>Changes the user and tells the gateways. What is so already is not written again.</summary>
    /// <returns>The user after the change; null when there is none.</returns>
    public async Task<UserAccount?> ChangeAsync(long userId, UserChanges changes, CancellationToken cancellationToken)
    {
        await using var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        if (await LockAsync(transaction, userId, cancellationToken) is not { } before)
            return null;

        var after = before with
        {
            DisplayName = changes.DisplayName ?? before.DisplayName,
            Discoverable = changes.Discoverable ?? before.Discoverable,
            Sharing = changes.Sharing ?? before.Sharing,
            Strangers = changes.Strangers ?? before.Strangers,
        };
        if (after == before)
            return before;

        if (after.DisplayName != before.DisplayName)
        {
            after = after with { FriendsVersion = before.FriendsVersion + 1 };
            transaction.Record(userId, ChangeKind.Renamed, after.FriendsVersion);
        }

        if (after.Sharing != before.Sharing)
        {
            after = after with { SharingVersion = before.SharingVersion + 1 };
            transaction.Record(userId, after.Sharing ? ChangeKind.SharingStarted : ChangeKind.SharingEnded, after.SharingVersion);
        }

        if (after.Strangers != before.Strangers)
        {
            after = after with { StrangersVersion = before.StrangersVersion + 1 };
            transaction.Record(userId, after.Strangers ? ChangeKind.StrangersStarted : ChangeKind.StrangersEnded, after.StrangersVersion);
        }

        transaction.Write(
            """
            update users set
                display_name = $2, friends_version = $3, discoverable = $4, sharing_version = $5, sharing = $6,
                strangers = $7, strangers_version = $8,
                sharing_since = case when $6 and not sharing then clock_timestamp() else sharing_since end
            where id = $1
            """,
            userId, after.DisplayName, after.FriendsVersion, after.Discoverable, after.SharingVersion, after.Sharing,
            after.Strangers, after.StrangersVersion);
        await transaction.CommitAsync(announcer);
        return after;
    }

    /// <summary>
    /// Locks or unlocks an account. A locked one is served no request and has no session, and its friends see it no more.
    /// </summary>
    /// <returns>False when there is no such user.</returns>
    public async Task<bool> LockAsync(long userId, bool locked, CancellationToken cancellationToken)
    {
        await using var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        if (await LockAsync(transaction, userId, cancellationToken) is not { } user)
            return false;

        if (user.Locked != locked)
        {
            transaction.Write("update users set locked = $2, sharing_version = sharing_version + 1 where id = $1", userId, locked);
            transaction.Record(
                userId, locked ? ChangeKind.Locked : user.Sharing ? ChangeKind.SharingStarted : ChangeKind.SharingEnded, user.SharingVersion + 1);
            await transaction.CommitAsync(announcer);
        }

        return true;
    }

    /// <summary>
    /// Ends the account: from the commit on there is no such user, and the name is free. What else it left behind is erased by
    /// <see cref="AccountErasure"/>. No effect when there is no such user.
    /// </summary>
    public async Task DeleteAsync(long userId, CancellationToken cancellationToken)
    {
        await using var transaction = await JournaledTransaction.BeginAsync(database, cancellationToken);
        if (await LockAsync(transaction, userId, cancellationToken) is not { } user)
            return;

        transaction.Write("delete from subjects where user_id = $1", userId);
        transaction.Write("delete from user_names where name = $1", Key(user.UserName));
        transaction.Write("delete from users where id = $1", userId);
        transaction.Write("insert into deletions (user_id) values ($1)", userId);
        transaction.Record(userId, ChangeKind.Deleted, user.SharingVersion + 1);
        await transaction.CommitAsync(announcer);
    }

    private static async Task<UserAccount?> LockAsync(JournaledTransaction transaction, long userId, CancellationToken cancellationToken)
    {
        await using var batch = transaction.FirstBatch();
        batch.Add($"select {UserAccount.Columns} from users where id = $1 for no key update", userId);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? UserAccount.Read(row) : null;
    }

    private static async Task<HashSet<int>> ReadNumbersAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        var numbers = new HashSet<int>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                numbers.Add(reader.GetInt32(0));
        }
        while (await reader.NextResultAsync(cancellationToken));
        return numbers;
    }

    private static string Key(string userName) => userName.ToLowerInvariant();
}
